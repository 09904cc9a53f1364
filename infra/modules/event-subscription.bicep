// Incoming calls to the app. The destination validates by itself and needs no key, but the function
// must be there. A call rings for 30 s: an event that is a minute old is of no use to anybody.
param topicName string
param name string
param functionId string
param storageId string

@description('How the raw ids begin that calls must be to; empty: all.')
param calledIds string[]

// Event Grid takes 25 values; the app checks them all in any case, and exactly.
var canFilter = !empty(calledIds) && length(calledIds) <= 25

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource incomingCalls 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: functionId
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Communication.IncomingCall']
      advancedFilters: canFilter ? [{ operatorType: 'StringBeginsWith', key: 'data.to.rawId', values: calledIds }] : []
    }
    retryPolicy: { maxDeliveryAttempts: 3, eventTimeToLiveInMinutes: 1 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: storageId, blobContainerName: 'dead-letters' }
      }
    }
  }
}
