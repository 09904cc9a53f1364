// A new Communication Services resource. One that exists already is used as it is.
param name string
param dataLocation string
param disableLocalAuth bool
param tags { *: string }
param workspaceId string

resource service 'Microsoft.Communication/communicationServices@2026-03-18' = {
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
