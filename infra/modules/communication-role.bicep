// The app answers calls and asks about them. Communication Services has no data actions of its own.
param name string
param appPrincipalId string
param roleDefinitionId string

resource service 'Microsoft.Communication/communicationServices@2025-09-01' existing = {
  name: name
}

resource callAutomation 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(service.id, appPrincipalId, roleDefinitionId)
  scope: service
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleDefinitionId)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}
