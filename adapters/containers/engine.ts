import Docker from 'dockerode'

/** A container engine that speaks the Docker Engine API: Docker or Podman. */
export interface Engine {
  /** Where it listens, for people to read. */
  readonly address: string
  /** For calls that answer soon: one that stays silent for the time limit fails. */
  readonly calls: Docker
  /** For builds, pulls and events, which may be silent for long. */
  readonly streams: Docker
}

/** A request that stays silent this long has failed: a container may take seconds to stop, a hung engine takes forever. */
const callTimeoutMilliseconds = 30_000

/**
 * @param address `unix://<path>`, or undefined for what `DOCKER_HOST` says, TLS settings included.
 */
export const connectEngine = (address: string | undefined, timeout: number = callTimeoutMilliseconds): Engine => {
  // A host of its own keeps DOCKER_HOST from overriding the socket.
  const where: Docker.DockerOptions =
    address === undefined ? {} : { socketPath: address.replace('unix://', ''), host: undefined }
  return {
    address: address ?? process.env['DOCKER_HOST'] ?? 'the default address',
    calls: new Docker({ ...where, timeout }),
    streams: new Docker(where),
  }
}

const answers = async (address: string | undefined): Promise<boolean> => {
  try {
    await connectEngine(address, 1000).calls.ping()
    return true
  } catch {
    return false
  }
}

/**
 * The engine to use: the one that `DOCKER_HOST` names and no other, or else the first that answers at Docker's and Podman's
 * usual sockets; undefined where none answers within a second.
 */
export const findEngine = async (): Promise<Engine | undefined> => {
  if (process.env['DOCKER_HOST']) return (await answers(undefined)) ? connectEngine(undefined) : undefined
  const own = process.env['XDG_RUNTIME_DIR']
  const addresses = ['unix:///var/run/docker.sock', 'unix:///run/podman/podman.sock']
  if (own !== undefined) addresses.push(`unix://${own}/podman/podman.sock`)
  for (const address of addresses) {
    if (await answers(address)) return connectEngine(address)
  }
  return undefined
}
