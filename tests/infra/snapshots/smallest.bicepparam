// As little as can be: nothing always ready, no log of the topic, the least memory.
using '../../../infra/main.bicep'

param environmentName = 'test'
param location = 'westeurope'
param upstreamAudience = '00000000-0000-4000-8000-0000000000aa'
param acsDataLocation = 'Europe'
param prefix = 'cs'
param alwaysReadyHttp = 0
param alwaysReadyIncomingCall = 0
param maximumInstances = 40
param instanceMemoryMB = 512
param topicDiagnostics = false
param transcriptionStart = 'manual'
