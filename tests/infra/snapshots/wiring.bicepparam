// The wiring for streams by token, and for calls to some numbers.
using '../../../infra/wiring.bicep'

param functionAppName = 'func-test'
param storageName = 'sttest'
param webPubSubName = 'wps-test'
param topicId = '/subscriptions/00000000-0000-4000-8000-000000000003/resourceGroups/rg-events/providers/Microsoft.EventGrid/systemTopics/evgt-phones'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param streamAdmission = 'token'
param answerNumbers = '+18005550199, 8:acs:someone,'
