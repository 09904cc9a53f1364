// Takes the streams of ACS and feeds viewers. Its hubs belong to wiring.bicep alone, so that
// provisioning again never takes the event handler away from a live stream.
import { Tags } from 'types.bicep'

param name string
param location string
param tags Tags
param units int
param workspaceId string

resource service 'Microsoft.SignalRService/webPubSub@2024-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'WebPubSub'
  sku: { name: 'Standard_S1', tier: 'Standard', capacity: units }
  identity: { type: 'SystemAssigned' }
  properties: {
    disableLocalAuth: true
    disableAadAuth: false
    publicNetworkAccess: 'Enabled'
    tls: { clientCertEnabled: false } // ACS dials without a certificate
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: service
  properties: {
    workspaceId: workspaceId
    // Not MessagingLogs: several lines for each frame. Not HttpRequestLogs: its addresses have the
    // tokens and tickets of streams and viewers.
    logs: [{ category: 'ConnectivityLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = service.name
output endpoint string = 'https://${service.properties.hostName}'
output principalId string = service.identity.principalId
