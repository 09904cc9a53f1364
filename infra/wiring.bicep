// What needs the code to be there: Event Grid's subscription, and the hubs with their event handler,
// which is saved only after the app has answered its validation. scripts/deploy-wiring.sh runs it.
targetScope = 'resourceGroup'

param functionAppName string
param storageName string
param webPubSubName string

@description('Resource id of the Event Grid system topic, which may be in another group.')
param topicId string

@description('Client id of the Entra application that Web PubSub requests tokens for.')
@minLength(1)
param upstreamAudience string

@description('How streams are let in, which is an output of main.bicep: the app has the same setting.')
@allowed(['token', 'ticket'])
param streamAdmission string

@description('Numbers or raw ids that calls must be to, separated by commas. Empty: all.')
param answerNumbers string = ''

var topicParts = split(topicId, '/')
var numbers = filter(split(replace(answerNumbers, ' ', ''), ','), number => !empty(number))
var rawIds = [for number in numbers: startsWith(number, '+') ? '4:${number}' : number]
// Carriers may leave out the plus.
var calledIds = flatten(map(rawIds, id => startsWith(id, '4:+') ? [id, replace(id, '4:+', '4:')] : [id]))

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
}

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource webPubSub 'Microsoft.SignalRService/webPubSub@2024-03-01' existing = {
  name: webPubSubName
}

resource streamHub 'Microsoft.SignalRService/webPubSub/hubs@2024-03-01' = {
  parent: webPubSub
  name: 'stream'
  properties: {
    // By ticket it is the app's answer to connect that lets nobody in but ACS: never 'allow' without
    // that event below.
    anonymousConnectPolicy: streamAdmission == 'ticket' ? 'allow' : 'deny'
    eventHandlers: [
      {
        urlTemplate: 'https://${app.properties.defaultHostName}/api/stream'
        systemEvents: ['connect', 'connected', 'disconnected']
        userEventPattern: '*'
        auth: {
          type: 'ManagedIdentity'
          managedIdentity: { resource: upstreamAudience }
        }
      }
    ]
  }
}

resource liveHub 'Microsoft.SignalRService/webPubSub/hubs@2024-03-01' = {
  parent: webPubSub
  name: 'live'
  properties: { anonymousConnectPolicy: 'deny' }
  // One after the other: nobody says that two hubs can be saved at a time.
  dependsOn: [streamHub]
}

module incomingCalls 'modules/event-subscription.bicep' = {
  name: 'incoming-calls-${uniqueString(functionAppName)}'
  scope: resourceGroup(topicParts[2], topicParts[4])
  params: {
    topicName: last(topicParts)
    name: functionAppName
    functionId: '${app.id}/functions/incoming_call'
    storageId: storage.id
    calledIds: calledIds
  }
}
