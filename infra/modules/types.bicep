// Types that several files share.

@export()
@description('Tags that every resource has: azd finds its resources by the first.')
@sealed()
type Tags = {
  'azd-env-name': string
  application: string
}

@export()
@description('App settings by name. A number is written as text, as the app reads it.')
type Settings = {
  *: string
}

@export()
@description('Rolling updates are a preview: https://learn.microsoft.com/azure/azure-functions/flex-consumption-site-updates')
type UpdateStrategy = 'Recreate' | 'RollingUpdate'

@export()
@description('Kinds of the resource that turns speech into text.')
type SpeechKind = 'AIServices' | 'CognitiveServices'
