// What the rest must know of the system topic, new or not. Changes nothing.
param name string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: name
}

output id string = topic.id
output principalId string = topic.identity.principalId
