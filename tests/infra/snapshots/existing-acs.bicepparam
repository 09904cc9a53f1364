// Communication Services in another subscription, without a topic.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param acsDataLocation = 'Europe'
param existingAcsId = '/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/rg-phones/providers/Microsoft.Communication/communicationServices/acs-phones'
