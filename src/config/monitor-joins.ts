import type { Labels, Monitor, Shadow, Task } from '../core/monitor.js'
import { inOrder, split, splitOrNull } from './monitor-paths.js'
import type { MonitorFile } from './monitor-schema.js'

/** What rows are joined by; nothing where neither labels, offline values nor a shadow are declared. */
export function joinedOf(file: MonitorFile): Pick<Monitor, 'task' | 'labels' | 'offline' | 'shadow'> {
  return { ...predictedOf(file), ...offlineOf(file) }
}

/** What predictions are, where they are compared with labels or with those of another version. */
function predictedOf({ task, labels, shadow, serving }: MonitorFile): Pick<Monitor, 'task' | 'labels' | 'shadow'> {
  if (task === undefined || (labels === undefined && shadow === undefined)) return {}
  return {
    task: taskOf(task, serving),
    ...(labels && { labels: labelsOf(labels) }),
    ...(shadow && { shadow: shadowOf(shadow, task.type) }),
  }
}

function taskOf(task: NonNullable<MonitorFile['task']>, { prediction }: MonitorFile['serving']): Task {
  const outputs = task.outputs ?? (prediction === undefined ? {} : { [split(prediction).at(-1)!]: prediction })
  return {
    type: task.type,
    positive: task.positive ?? null,
    threshold: task.threshold ?? null,
    costs: task.costs ?? null,
    outputs: inOrder(outputs).map(([name, at]) => ({ name, path: split(at) })),
  }
}

function labelsOf(labels: NonNullable<MonitorFile['labels']>): Labels {
  return {
    topic: labels.topic,
    format: labels.format,
    where: inOrder(labels.where).map(([at, equals]) => ({ path: split(at), equals })),
    key: split(labels.key),
    time: { path: split(labels.time.path), unit: labels.time.unit },
    value: split(labels.value),
    horizonMs: labels.horizon,
  }
}

/** With the usual limits of what can be measured, where the file names none. */
function shadowOf(shadow: NonNullable<MonitorFile['shadow']>, type: Task['type']): Shadow {
  const { champion, challenger, mode, within, latency, minRows, windows } = shadow
  const { flips = 0.01, decisions = 0.02, score = 0.02, latency: slower } = shadow.limits
  return {
    ...{ champion, challenger, mode, withinMs: within, latency: splitOrNull(latency), minRows, windows },
    limits: {
      ...(type === 'regression' ? {} : mode === 'shadow' ? { flips } : { decisions }),
      ...(type === 'multiclass' ? {} : { score }),
      ...(slower === undefined ? {} : { latency: slower }),
    },
  }
}

/** Nothing where no offline values are declared. */
function offlineOf({ offline }: MonitorFile): Pick<Monitor, 'offline'> {
  if (offline === undefined) return {}
  const { topic, format, features, tolerance, maxMismatch, examples } = offline
  return {
    offline: {
      ...{ topic, format, features, tolerance, maxMismatch, examples },
      where: inOrder(offline.where).map(([at, equals]) => ({ path: split(at), equals })),
      key: split(offline.key),
      time: { path: split(offline.time.path), unit: offline.time.unit },
      horizonMs: offline.horizon,
    },
  }
}
