// Everything that Callscribe needs, in a resource group of its own. Nothing in it has a key: every
// part proves itself by its identity. What needs the code to be there first is in wiring.bicep.
targetScope = 'subscription'

import { Tags } from 'modules/types.bicep'

// Types of parameters are written out: older versions of `az` take a value for text whose type has a
// name of its own.

@description('Name of this deployment; the resource group is named after it.')
@minLength(1)
@maxLength(60)
param environmentName string

@description('Region of everything that has one. It must offer Flex Consumption and AI Services.')
@minLength(1)
param location string

@description('Letters and digits that the names of all resources contain.')
@minLength(2)
@maxLength(11)
param prefix string = 'callscribe'

// azd looks at the parameters before its hook has made the application, and again after it: without
// a default the first look would ask for it. The app's module refuses an empty one.
// https://github.com/Azure/azure-dev/issues/5806
@description('Client id of the Entra application that Web PubSub requests tokens for. It must exist.')
param upstreamAudience string = ''

@description('Resource id of a Communication Services resource to use, which must have a system-assigned identity; it is not modified. Empty: a new one is made. New ones cannot get phone numbers.')
param existingAcsId string = ''

@description('Resource id of the Event Grid system topic that this Communication Services resource already has: there is one at most. It must have a system-assigned identity. Empty: one is made, beside the Communication Services resource.')
param existingTopicId string = ''

// No default: it cannot be changed later, and the law may have a say in it. No closed list: it grows.
// https://learn.microsoft.com/azure/communication-services/concepts/privacy
@description('Where a new Communication Services resource keeps its data for ever, such as Europe or United States. Of an existing one say where it does; it is not modified.')
@minLength(1)
param acsDataLocation string

@description('Whether a new Communication Services resource refuses access keys.')
param acsDisableLocalAuth bool = true

@description('Role of the app on Communication Services. Default: Communication and Email Service Owner, which is said to be enough, and is more than that: it may also list and make access keys, and delete the resource. A custom role that may read and write has not been tried. Contributor, b24988ac-6180-42a0-ab88-20f7382dd24c, is the only one that was publicly reported to work.')
param acsRoleDefinitionId string = '09976791-48a7-449e-bb21-39d1a415f350'

@description('Language of the calls, with its region.')
param locale string = 'en-US'

@description('When transcription starts: with the answer, once the call is connected, or when it is asked for.')
@allowed(['setup', 'connected', 'manual'])
param transcriptionStart string = 'setup'

@description('How Web PubSub and the app let streams in: by a token in the address, or by a ticket, for which the hub takes clients without a token and the app decides. It sets both together.')
@allowed(['token', 'ticket'])
param streamAdmission string = 'token'

@description('Numbers or raw ids that calls must be to, separated by commas. Empty: every call is answered.')
param answerNumbers string = ''

@description('Spread the app and its storage over availability zones.')
param zoneRedundant bool = false

@description('Who is told of alerts. Empty: they only show in the portal.')
param alertEmail string = ''

@description('Requests that one instance serves at a time. The platform default for Python is 1.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 16

@description('Instances that always run for HTTP: callbacks, the stream, the API.')
@minValue(0)
param alwaysReadyHttp int = 2

@description('Instances that always run for incoming calls: a cold app rejects its first event, and the phone rings 30 s.')
@minValue(0)
param alwaysReadyIncomingCall int = 1

@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('How instances give way to those of a new version or of new settings: at once, which ends what they are doing, or one after the other. The latter is a preview, not recommended for production, and takes effect with the update after this one.')
param updateStrategy 'Recreate' | 'RollingUpdate' = 'Recreate'

@description('Web PubSub units. One takes 1,000 connections, 500 events and 180 live messages a second: docs/costs.md counts them.')
@allowed([1, 2, 5, 10, 20, 50, 100])
param webPubSubUnits int = 1

@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Kind of the resource that turns speech into text.')
param speechKind 'AIServices' | 'CognitiveServices' = 'AIServices'

@description('Keep the log of a new Event Grid system topic. Turn it off if Azure refuses that for a topic without a region.')
param topicDiagnostics bool = true

@description('More app settings, by name, and others than those given here: times, a speech model, OpenTelemetry.')
param extraSettings { *: string } = {}

@description('Object id of who runs scripts/smoke: may read and write transcripts. Empty: nobody.')
param smokePrincipalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
param smokePrincipalType string = 'User'

var groupName = 'rg-${environmentName}'
// 'West Europe' and 'westeurope' are one region, and must not give two sets of everything.
var region = toLower(replace(location, ' ', ''))
var suffix = '${toLower(prefix)}-${uniqueString(subscription().id, groupName, region)}'
var tags Tags = { 'azd-env-name': environmentName, application: 'callscribe' }

var streamHub = 'stream'
var liveHub = 'live'

// .../subscriptions/2/resourceGroups/4/providers/Microsoft.Communication/communicationServices/8
var acsParts = split(existingAcsId, '/')
var acsSubscription = empty(existingAcsId) ? subscription().subscriptionId : acsParts[2]
var acsGroup = empty(existingAcsId) ? groupName : acsParts[4]
var acsName = empty(existingAcsId) ? 'acs-${suffix}' : last(acsParts)

// A new topic must be in the subscription of its source.
// https://learn.microsoft.com/azure/event-grid/system-topics
var topicParts = split(existingTopicId, '/')
var topicSubscription = empty(existingTopicId) ? acsSubscription : topicParts[2]
var topicGroup = empty(existingTopicId) ? acsGroup : topicParts[4]
var topicName = empty(existingTopicId) ? 'evgt-${suffix}' : last(topicParts)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: groupName
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    workspaceName: 'log-${suffix}'
    componentName: 'appi-${suffix}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: replace(suffix, '-', '')
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    workspaceId: monitoring.outputs.workspaceId
  }
}

module webPubSub 'modules/web-pubsub.bicep' = {
  name: 'web-pubsub'
  scope: group
  params: {
    name: 'wps-${suffix}'
    location: location
    tags: tags
    units: webPubSubUnits
    workspaceId: monitoring.outputs.workspaceId
  }
}

module speech 'modules/speech.bicep' = {
  name: 'speech'
  scope: group
  params: {
    name: 'ai-${suffix}'
    kind: speechKind
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module newCommunication 'modules/communication.bicep' = if (empty(existingAcsId)) {
  name: 'communication'
  scope: group
  params: {
    name: acsName
    dataLocation: acsDataLocation
    disableLocalAuth: acsDisableLocalAuth
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module communication 'modules/communication-facts.bicep' = {
  name: 'communication-facts-${uniqueString(environmentName)}'
  scope: resourceGroup(acsSubscription, acsGroup)
  params: { name: acsName }
  dependsOn: [group, newCommunication]
}

module newTopic 'modules/topic.bicep' = if (empty(existingTopicId)) {
  name: 'topic-${uniqueString(environmentName)}'
  scope: resourceGroup(topicSubscription, topicGroup)
  params: {
    name: topicName
    source: communication.outputs.id
    tags: tags
    diagnostics: topicDiagnostics
    workspaceId: monitoring.outputs.workspaceId
  }
}

module topic 'modules/topic-facts.bicep' = {
  name: 'topic-facts-${uniqueString(environmentName)}'
  scope: resourceGroup(topicSubscription, topicGroup)
  params: { name: topicName }
  dependsOn: [group, newTopic]
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: 'func-${suffix}'
    planName: 'plan-${suffix}'
    location: location
    tags: tags
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    componentName: monitoring.outputs.componentName
    workspaceId: monitoring.outputs.workspaceId
    zoneRedundant: zoneRedundant
    httpConcurrency: httpConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyIncomingCall: alwaysReadyIncomingCall
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    updateStrategy: updateStrategy
    queueEndpoint: storage.outputs.queueEndpoint
    upstreamAudience: upstreamAudience
    settings: {
      TranscriptStorage__accountName: storage.outputs.name
      ACS_ENDPOINT: communication.outputs.endpoint
      ACS_RESOURCE_ID: communication.outputs.immutableId
      COGNITIVE_SERVICES_ENDPOINT: speech.outputs.endpoint
      WEBPUBSUB_ENDPOINT: webPubSub.outputs.endpoint
      WEBPUBSUB_UPSTREAM_TENANT: tenant().tenantId
      WEBPUBSUB_UPSTREAM_OBJECT_ID: webPubSub.outputs.principalId
      WEBPUBSUB_STREAM_HUB: streamHub
      WEBPUBSUB_LIVE_HUB: liveHub
      WEBPUBSUB_STREAM_ADMISSION: streamAdmission
      TRANSCRIPTION_LOCALE: locale
      TRANSCRIPTION_START: transcriptionStart
      ANSWER_NUMBERS: answerNumbers
    }
    extraSettings: extraSettings
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    storageName: storage.outputs.name
    deadLetterContainer: storage.outputs.deadLetterContainer
    webPubSubName: webPubSub.outputs.name
    componentName: monitoring.outputs.componentName
    speechName: speech.outputs.name
    appPrincipalId: functionApp.outputs.principalId
    topicPrincipalId: topic.outputs.principalId
    acsPrincipalId: communication.outputs.principalId
  }
}

module communicationRole 'modules/communication-role.bicep' = {
  name: 'communication-role-${uniqueString(environmentName)}'
  scope: resourceGroup(acsSubscription, acsGroup)
  params: {
    name: acsName
    appPrincipalId: functionApp.outputs.principalId
    roleDefinitionId: acsRoleDefinitionId
  }
}

module smokeRoles 'modules/smoke-roles.bicep' = if (!empty(smokePrincipalId)) {
  name: 'smoke-roles'
  scope: group
  params: {
    storageName: storage.outputs.name
    webPubSubName: webPubSub.outputs.name
    principalId: smokePrincipalId
    principalType: smokePrincipalType
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    suffix: suffix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    topicId: topic.outputs.id
    email: alertEmail
  }
}

// What scripts/deploy-wiring.sh passes on to wiring.bicep, and what people want to know.
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP string = functionApp.outputs.name
output AZURE_FUNCTION_APP_URL string = functionApp.outputs.url
output AZURE_STORAGE_ACCOUNT string = storage.outputs.name
output AZURE_WEB_PUBSUB string = webPubSub.outputs.name
output AZURE_EVENT_TOPIC string = topic.outputs.id
output AZURE_STREAM_ADMISSION string = streamAdmission
