import type Docker from 'dockerode'
import type { Endpoint } from '../../core/site/site.ts'
import { label } from './site-labels.ts'

/** Where a traffic container listens: at its own address, unless it is published on 127.0.0.1. Undefined while it is down. */
export const endpointOf = ({ State, Config, NetworkSettings }: Docker.ContainerInspectInfo): Endpoint | undefined => {
  const port = Number(Config.Labels[label.port])
  if (!State.Running || !Number.isInteger(port)) return undefined
  const [published] = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? [])
  if (published !== undefined) return { host: '127.0.0.1', port: Number(published.HostPort) }
  const host = Object.values(NetworkSettings.Networks)[0]?.IPAddress
  return host ? { host, port } : undefined
}
