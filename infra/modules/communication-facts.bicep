// What the rest must know of the Communication Services resource, new or not. Changes nothing.
param name string

resource service 'Microsoft.Communication/communicationServices@2025-09-01' existing = {
  name: name
}

output id string = service.id
output endpoint string = 'https://${service.properties.hostName}'
output immutableId string = service.properties.immutableResourceId
output principalId string = service.identity.principalId
