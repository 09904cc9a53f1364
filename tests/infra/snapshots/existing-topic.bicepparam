// Communication Services with its topic; the topic is in a third subscription.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param acsDataLocation = 'Europe'
param existingAcsId = '/subscriptions/00000000-0000-4000-8000-000000000002/resourceGroups/rg-phones/providers/Microsoft.Communication/communicationServices/acs-phones'
param existingTopicId = '/subscriptions/00000000-0000-4000-8000-000000000003/resourceGroups/rg-events/providers/Microsoft.EventGrid/systemTopics/evgt-phones'
