/** CPU-seconds (user and system, whole process) since `from`. */
export function cpuSeconds(from?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1e6
}

/** High-water mark of resident memory so far, MB. */
export function mostResidentMb(): number {
  return process.resourceUsage().maxRSS / 1024
}
