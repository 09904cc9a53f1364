// What must be said, and nothing else.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param acsDataLocation = 'Europe'
