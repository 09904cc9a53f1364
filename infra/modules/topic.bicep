// Event Grid's end of Communication Services; its identity writes what it could not deliver.
import { Tags } from 'types.bicep'

param name string
param source string
param tags Tags
param workspaceId string

@description('Keep its log: whether a topic without a region takes the setting is not known.')
param diagnostics bool

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

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (diagnostics) {
  name: 'logs'
  scope: topic
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }] // deliveries that failed
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
