// Everything that Callscribe needs, in a resource group of its own. Nothing in it has a key: every
// part proves itself by its identity. What needs the code to be there first is in wiring.bicep.
targetScope = 'subscription'

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

@description('Client id of the Entra application that Web PubSub requests tokens for. It must exist: azd reads it only after the hook that makes it, so that it has a default here, which the app refuses.')
param upstreamAudience string = ''

@description('Resource id of a Communication Services resource to use, which must have a system-assigned identity; it is not modified. Empty: a new one is made. New ones cannot get phone numbers.')
param existingAcsId string = ''

@description('Resource id of the Event Grid system topic that this Communication Services resource already has: there is one at most. It must have a system-assigned identity.')
param existingTopicId string = ''

@description('Whether deliveries that failed are logged. That such a setting is possible on this kind of topic is reported both ways: where it is not, a deployment fails by it.')
param topicLogs bool = true

@description('Where a new Communication Services resource keeps its data.')
param acsDataLocation string = 'United States'

@description('Whether a new Communication Services resource refuses access keys.')
param acsDisableLocalAuth bool = true

@description('Role of the app on Communication Services. Default: Communication and Email Service Owner. Contributor, b24988ac-6180-42a0-ab88-20f7382dd24c, is the only one that was publicly reported to work.')
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
param alwaysReadyHttp int = 1

@description('Instances that always run for incoming calls: a cold app rejects its first event, and the phone rings 30 s.')
@minValue(0)
param alwaysReadyIncomingCall int = 1

@minValue(40)
@maxValue(1000)
param maximumInstances int = 100

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Web PubSub units. One takes 1,000 connections, 500 events and 180 live messages a second: docs/costs.md counts them.')
@allowed([1, 2, 5, 10, 20, 50, 100])
param webPubSubUnits int = 1

@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('More app settings, by name: times, a speech model, OpenTelemetry.')
param extraSettings { *: string } = {}

@description('Object id of who runs scripts/smoke: may read and write transcripts. Empty: nobody.')
param smokePrincipalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
param smokePrincipalType string = 'User'

var groupName = 'rg-${environmentName}'
// A region has two spellings, West Europe and westeurope: one set of resources for both.
var region = toLower(replace(location, ' ', ''))
var suffix = '${toLower(prefix)}-${uniqueString(subscription().id, groupName, region)}'
var tags = { 'azd-env-name': environmentName, application: 'callscribe' }

var streamHub = 'stream'
var liveHub = 'live'

// .../subscriptions/2/resourceGroups/4/providers/Microsoft.Communication/communicationServices/8
var acsParts = split(existingAcsId, '/')
var acsSubscription = empty(existingAcsId) ? subscription().subscriptionId : acsParts[2]
var acsGroup = empty(existingAcsId) ? groupName : acsParts[4]
var acsName = empty(existingAcsId) ? 'acs-${suffix}' : last(acsParts)

var topicParts = split(existingTopicId, '/')
// Event Grid takes a system topic only where its source is.
// https://learn.microsoft.com/azure/event-grid/system-topics
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
    workspaceId: monitoring.outputs.workspaceId
    logged: topicLogs
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
    settings: {
      TranscriptStorage__accountName: storage.outputs.name
      // Which of the two wakes run_job by its queue is not documented for certain.
      TranscriptStorage__queueServiceUri: storage.outputs.queueEndpoint
      ACS_ENDPOINT: communication.outputs.endpoint
      ACS_RESOURCE_ID: communication.outputs.immutableId
      COGNITIVE_SERVICES_ENDPOINT: speech.outputs.endpoint
      WEBPUBSUB_ENDPOINT: webPubSub.outputs.endpoint
      WEBPUBSUB_UPSTREAM_AUDIENCE: upstreamAudience
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
