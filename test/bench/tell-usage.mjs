/** Loaded into a process before its program: answers each message of its parent with what it has used so far. */
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  const mostResidentMb = process.resourceUsage().maxRSS / 1024
  process.send({ cpu: (user + system) / 1e6, residentMb: process.memoryUsage.rss() / 2 ** 20, mostResidentMb })
})
// The parent alone must not keep it alive.
process.channel?.unref()
