import { readdir, readFile, readlink } from 'node:fs/promises'

const listening = '0A'

/** The sockets that listen on a TCP port, by inode: proc_net(5). */
const listeningInodes = async (port: number): Promise<readonly string[]> => {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')))
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === listening)
    .flatMap((fields) => fields[9] ?? [])
}

/**
 * Whether it is this very process that listens on the port, and not another one that was faster. Elsewhere than on Linux
 * there is no telling, and the answer is yes.
 */
export const listensOn = async (pid: number, port: number): Promise<boolean> => {
  if (process.platform !== 'linux') return true
  const inodes = await listeningInodes(port)
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return inodes.some((inode) => targets.includes(`socket:[${inode}]`))
}
