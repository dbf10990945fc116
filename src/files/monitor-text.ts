import { isAvroName } from './event-schema.js'
import type { InferredMonitor } from './infer-monitor.js'

/** The monitor file of what was inferred, with the reasons as comments. */
export function monitorText(monitor: InferredMonitor): string {
  const { time, key, window, ignored, features, segments } = monitor
  const odd = features.map(({ name }) => name).find(name => !name.split('.').every(isAvroName))
  const lines = [
    `# Inferred by \`driftline infer\` from ${monitor.rows} rows of ${monitor.source}. Check it with \`driftline check\`.`,
    ...monitor.notes.map(note => `# Look at: ${note.replaceAll('\n', ' ')}`),
    'apiVersion: driftline/v1',
    `model: ${scalar(monitor.model)}`,
    'serving:',
    `  topic: ${scalar(monitor.topic)}`,
    ...(odd === undefined ? [] : [`  format: json  # ${JSON.stringify(odd)} cannot be the name of an Avro field`]),
    ...(monitor.modelField === null
      ? []
      : [`  where: { ${monitor.modelField}: ${scalar(monitor.model)} }  # several models may share the topic`]),
    `  key: ${scalar(key.path)}  # ${key.comment}`,
    `  time: { path: ${scalar(time.path)}, unit: ${time.unit} }  # ${time.comment}`,
    ...(monitor.version === null ? [] : [`  version: ${monitor.version}`]),
    `  features: [${monitor.patterns.map(scalar).join(', ')}]`,
  ]
  if (monitor.prediction) lines.push(`  prediction: ${scalar(monitor.prediction)}  # by its name`)
  if (ignored.length > 0) {
    lines.push('  ignore:')
    for (const { name, why } of ignored) lines.push(`    - ${scalar(name)}  # ${why}`)
  }
  lines.push(`window: { size: ${window.size} }  # ${window.comment}`)
  if (segments.length > 0) {
    lines.push('# Each value of a segment is judged on its own, where a window has rows enough:')
    for (const [i, { name, values }] of segments.entries())
      lines.push(
        `${i === 0 ? '# segments: ' : '#           '}{ ${scalar(name)}: { top: ${Math.min(8, values)} } }  # ${values} values`,
      )
  }
  lines.push('features:')
  for (const { name, kind, comment } of features) lines.push(`  ${scalar(name)}: { kind: ${kind} }  # ${comment}`)
  if (features.length === 0) lines[lines.length - 1] = '# features: none were found'
  return `${lines.join('\n')}\n`
}

const WORDS_OF_YAML = /^(true|false|null|yes|no|on|off|y|n|~)$/i

/** A text as YAML reads it back: plain where that is safe, else quoted. */
function scalar(text: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(text) && !WORDS_OF_YAML.test(text) ? text : JSON.stringify(text)
}
