// Event Grid's end of Communication Services; its identity writes what it could not deliver.
param name string
param source string
param tags { *: string }
param workspaceId string
param logged bool

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: source
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logged) {
  name: 'logs'
  scope: topic
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }] // deliveries that failed
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
