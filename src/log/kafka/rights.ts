/** A right that Kafka's ACLs give. https://kafka.apache.org/documentation/#operations_in_kafka */
export interface Right {
  readonly operation: 'Read' | 'Write' | 'Describe' | 'DescribeConfigs' | 'Create' | 'Alter' | 'AlterConfigs'
  readonly on: 'topic' | 'group'
  readonly name: string
}

/** At the end of the name of a group that is read by one process, once. */
const ONCE = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

export function toRead(topics: readonly string[], group: string): Right[] {
  return [...topics.map(name => right('Read', name)), { operation: 'Read', on: 'group', name: group }]
}

export function right(operation: Right['operation'], topic: string): Right {
  return { operation, on: 'topic', name: topic }
}

/** Names the right that is missing and the command that gives it; null where the broker's word is about something else. */
export function missingRight(word: string, needs: readonly Right[]): string | null {
  const [, kind] = /^(TOPIC|GROUP|CLUSTER)_AUTHORIZATION_FAILED$/.exec(word) ?? []
  if (kind === undefined) return null
  const missing = needs.filter(({ on }) => on === kind.toLowerCase() || kind === 'CLUSTER')
  if (missing.length === 0) return null
  return lacking(missing)
}

export function lacking(rights: readonly Right[]): string {
  const named = rights.map(({ operation, on, name }) => `${operation} on ${on} "${patternOf(name).name}"`)
  return `The user has no right ${named.join(', ')}. Give it: ${rights.map(commandOf).join('; ')}`
}

function commandOf({ operation, on, name }: Right): string {
  const pattern = patternOf(name)
  const prefixed = pattern.prefixed ? ' --resource-pattern-type prefixed' : ''
  return `kafka-acls.sh --add --allow-principal User:… --operation ${operation} --${on} ${pattern.name}${prefixed}`
}

/** The next run reads in a group of another name, with the same beginning. */
function patternOf(name: string): { name: string; prefixed: boolean } {
  const stem = name.replace(ONCE, '')
  return { name: stem, prefixed: stem !== name }
}
