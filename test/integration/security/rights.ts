import kafkajs, { type AclEntry, type Admin } from 'kafkajs'

/** A line of README's list: `Read topic driftline.panes`; a name that ends with * is a prefix. */
export type Rule = string

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

function entry(user: string, rule: Rule): AclEntry {
  const [operation, on, name] = rule.split(' ') as ['Read', 'topic' | 'group', string]
  const operationOf = { ...AclOperationTypes } as unknown as Record<string, number>
  return {
    principal: `User:${user}`,
    host: '*',
    operation: operationOf[operation.replace(/(?!^)[A-Z]/g, letter => `_${letter}`).toUpperCase()]!,
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: on === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name.replace('*', ''),
    resourcePatternType: name.endsWith('*') ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }
}

export async function grant(admin: Admin, user: string, rules: readonly Rule[]): Promise<void> {
  await admin.createAcls({ acl: rules.map(rule => entry(user, rule)) })
}

const NAMED = /no right ((?:\w+ on (?:topic|group) \\?"[^"\\]*\\?"(?:, )?)+)\. Give it: kafka-acls\.sh --add/g

/** What messages say is missing, in their order: `Read topic x`. */
export function named(output: string): string[] {
  return [...output.matchAll(NAMED)].map(([, right]) => right!.replace(/ on /, ' ').replace(/\\?"/g, ''))
}

/** The rules that would give what a message asks for; Kafka gives Describe with Read and with Write. */
export function givenBy(rules: readonly Rule[], asked: string): Rule[] {
  const [operation, on, name] = asked.split(' ') as [string, string, string]
  return rules.filter(rule => {
    const [its, kind, pattern] = rule.split(' ') as [string, string, string]
    const fits = pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
    return kind === on && fits && (its === operation || (operation === 'Describe' && /^(Read|Write)$/.test(its)))
  })
}

/** The table of the least rights in README's part "Security": user → rules. */
export function leastRights(readme: string, user: string): Rule[] {
  const [, cell] = new RegExp(`^\\| \`${user}\`[^|]*\\|([^|]*)\\|$`, 'm').exec(readme) ?? []
  return [...(cell ?? '').matchAll(/`(\w+ (?:topic|group) [\w.*-]+)`/g)].map(([, rule]) => rule!)
}
