import { listensOn } from './databases.ts'
import { askedBy, type ContainerDraft, those } from './draft.ts'

/** Where visitors reach a container, as far as a source tells it. */
export const portOf = (container: ContainerDraft): { port?: number; questions: readonly string[] } => {
  const asked = askedBy(container.health).port
  const [port, ...others] = [...new Set([asked ?? [], container.ports].flat())].filter(Number.isInteger)
  if ('PORT' in container.environment) return { questions: [] }
  if (port === undefined)
    return { questions: ['Does it listen on PORT? If not, `port` names the port that it listens on.'] }
  if (port < 1024) {
    return {
      questions: [
        `It listens on ${port}, which only root may. By which setting does it listen on PORT, or on a port from 1024?`,
        `If by none: does it work with \`port: ${port}\`, and NET_BIND_SERVICE in \`capabilities\`?`,
      ],
    }
  }
  const also = others.length > 0 && `It also listens on ${others.join(', ')}. Is ${port} the one for visitors?`
  return { port, questions: those(also) }
}

/** All containers of a site share one address. */
export const collisionsOf = (containers: readonly ContainerDraft[]): readonly string[] =>
  containers.flatMap((one, index) =>
    containers.slice(index + 1).flatMap((other) => {
      const port = listensOn(one).find((number) => listensOn(other).includes(number))
      const isSame = one.image === other.image && String(one.command) === String(other.command)
      if (port === undefined && !isSame) return []
      const where = port === undefined ? 'run one image, maybe on one port' : `both listen on ${port}`
      return [`'${one.name}' and '${other.name}' ${where}, at one address: by which setting does one listen elsewhere?`]
    }),
  )

/** What strangers reach rather than the machine, and what stands in front of others rather than these. */
export const visitedOf = (products: readonly ContainerDraft[]): ContainerDraft | undefined => {
  const published = products.filter(({ isPublished }) => isPublished)
  const open = published.filter(({ isLocal }) => isLocal !== true)
  const all = [open, published].find(({ length }) => length > 0) ?? products
  return all.find(({ name }) => !all.some(({ after }) => after.includes(name))) ?? all[0]
}
