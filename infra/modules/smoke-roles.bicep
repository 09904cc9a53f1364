// For who runs scripts/smoke: it writes a call into the tables and sends as a stream does.
param storageName string
param webPubSubName string
param principalId string
param principalType string

var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var webPubSubOwner = '12cf5a90-567b-43ae-8102-96cf46c7d9b4'

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource webPubSub 'Microsoft.SignalRService/webPubSub@2024-03-01' existing = {
  name: webPubSubName
}

resource tables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, principalId, tableContributor)
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableContributor)
    principalId: principalId
    principalType: principalType
  }
}

resource streams 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(webPubSub.id, principalId, webPubSubOwner)
  scope: webPubSub
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', webPubSubOwner)
    principalId: principalId
    principalType: principalType
  }
}
