// A new Communication Services resource. One that exists already is used as it is.
import { Tags } from 'types.bicep'

param name string
param dataLocation string
param disableLocalAuth bool
param tags Tags
param workspaceId string

resource service 'Microsoft.Communication/communicationServices@2025-09-01' = {
  name: name
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    dataLocation: dataLocation
    disableLocalAuth: disableLocalAuth
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: service
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }] // how calls went, and why they failed
  }
}
