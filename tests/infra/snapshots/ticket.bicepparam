// Streams are let in by ticket; and the region as people write it.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'West Europe'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param acsDataLocation = 'Europe'
param streamAdmission = 'ticket'
