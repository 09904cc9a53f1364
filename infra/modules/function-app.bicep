// The app on Flex Consumption. Settings that this plan refuses (51021) are not to be found here:
// facts about the runtime are in functionAppConfig.
import { Settings, Tags, UpdateStrategy } from 'types.bicep'

param name string
param planName string
param location string
param tags Tags
param storageName string
param deploymentContainer string
param componentName string
param workspaceId string
param zoneRedundant bool
param httpConcurrency int
param alwaysReadyHttp int
param alwaysReadyIncomingCall int
param maximumInstances int
param instanceMemoryMB int
param updateStrategy UpdateStrategy
param queueEndpoint string

@description('Client id of the Entra application that Web PubSub requests tokens for.')
@minLength(1)
param upstreamAudience string

@description('The settings of callscribe/settings/settings.py, by name.')
param settings Settings

@description('More of them; one that is named here too wins.')
param extraSettings Settings

// With zone redundancy each group wants two instances or more.
var leastReady = zoneRedundant ? 2 : 1
var httpReady = { name: 'http', instanceCount: max(alwaysReadyHttp, leastReady) }
var callReady = { name: 'function:incoming_call', instanceCount: max(alwaysReadyIncomingCall, leastReady) }

// The connection string is an address: the component takes telemetry from identities alone.
var platformSettings = {
  AzureWebJobsStorage__accountName: storageName
  // The queue trigger, which the account's name is enough for, may not wake the app by it.
  // https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#identity-based-connections
  TranscriptStorage__queueServiceUri: queueEndpoint
  APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD'
  // 2 MiB: only the host can refuse a body before the app has it.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2097152'
}

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: { type: 'SystemAssignedIdentity' }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      // A preview without a published type; the rest of the resource goes on being checked.
      // https://learn.microsoft.com/azure/azure-functions/flex-consumption-site-updates
      #disable-next-line BCP037
      siteUpdateStrategy: { type: updateStrategy }
      scaleAndConcurrency: {
        alwaysReady: concat(alwaysReadyHttp == 0 ? [] : [httpReady], alwaysReadyIncomingCall == 0 ? [] : [callReady])
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(platformSettings, settings, { WEBPUBSUB_UPSTREAM_AUDIENCE: upstreamAudience }, extraSettings)
}

resource noPasswordsByFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noPasswordsByScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

// Its log lines arrive by Application Insights.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'metrics'
  scope: app
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
output principalId string = app.identity.principalId
