// Alerts on the app's own log lines (callscribe/foundation/log.py): each is one JSON object with an `event`.
// docs/operating.md says of each what it means and what to do.
import { Tags } from 'types.bicep'

param suffix string
param location string
param tags Tags
param workspaceId string
param topicId string
param email string

var lines = 'AppTraces | where Message startswith "{" | extend line = parse_json(Message) | extend event = tostring(line.event)'
var rules = [
  {
    name: 'not-configured'
    severity: 1
    description: 'A setting is wrong or missing: the app takes nothing.'
    where: 'event == "notConfigured"'
  }
  {
    name: 'unanswered-calls'
    severity: 1
    description: 'A call was not answered, or failed.'
    where: 'event == "callOver" and tostring(line.state) in ("missed", "failed")'
  }
  {
    name: 'transcription-out'
    severity: 1
    description: 'A call goes on, and its transcription has been wanted and not running for a minute.'
    where: 'event == "transcriptionOut"'
  }
  {
    name: 'quarantined-frames'
    severity: 2
    description: 'A frame of a stream could not be read; its bytes are kept.'
    where: 'event == "frameQuarantined"'
  }
  {
    name: 'stream-errors'
    severity: 1
    description: 'The app could not take frames of a stream: words may be lost.'
    where: 'tostring(line.function) == "stream_events" and (event == "unexpected" or event == "refused" and toint(line.status) >= 500)'
  }
  {
    name: 'poison-messages'
    severity: 2
    description: 'A job was tried in vain until it was given up.'
    where: 'event == "jobGivenUp" or event == "jobFailed" and toint(line.attempt) >= 5'
  }
  {
    name: 'overlong-calls'
    severity: 2
    description: 'A call is older than LONGEST_CALL_HOURS and still up: it is hung up.'
    where: 'event == "callOverlong"'
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'callscribe'
    enabled: true
    emailReceivers: [{ name: 'email', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${rule.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Callscribe: ${rule.name}'
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M' // lines take minutes to arrive
      autoMitigate: true
      skipQueryValidation: true // the table is made with the first line
      criteria: {
        allOf: [
          {
            query: '${lines} | where ${rule.where}'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [people.id] }
    }
  }
]

// A call that never reached the app leaves no line of the app's.
resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'undelivered-calls-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Event Grid could not deliver an incoming call to the app.'
    severity: 1
    enabled: true
    scopes: [topicId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'dead-letters'
          metricName: 'DeadLetteredCount'
          operator: 'GreaterThan'
          threshold: 0
          timeAggregation: 'Total'
        }
      ]
    }
    actions: empty(email) ? [] : [{ actionGroupId: people.id }]
  }
}
