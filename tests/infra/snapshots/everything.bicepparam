// Every switch on, and every name as long as it may be.
using '../../../infra/main.bicep'

param environmentName = 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
param location = 'westeurope'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param acsDataLocation = 'Europe'
param prefix = 'ABCDEFGHIJK'
param acsDisableLocalAuth = false
param acsRoleDefinitionId = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
param locale = 'de-DE'
param transcriptionStart = 'connected'
param answerNumbers = '+18005550199,+18005550198'
param zoneRedundant = true
param alertEmail = 'you@example.com'
param httpConcurrency = 8
param alwaysReadyHttp = 3
param alwaysReadyIncomingCall = 1
param maximumInstances = 200
param instanceMemoryMB = 4096
param updateStrategy = 'RollingUpdate'
param webPubSubUnits = 20
param logRetentionDays = 90
param speechKind = 'CognitiveServices'
param extraSettings = {
  TRANSCRIPTION_LOCALE: 'fr-FR'
  LONGEST_CALL_HOURS: '12'
}
param smokePrincipalId = '00000000-0000-4000-8000-0000000000bb'
param smokePrincipalType = 'Group'
