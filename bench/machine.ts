import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** How busy the machine is: other work on it makes all absolute figures worse, and ratios less sure. */
export const loadText = (): string =>
  `load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`

export const machineText = (): string => {
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${gibibytes} GiB, Node ${process.versions.node}`
}
