import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm'
import { SitewrightError } from '../../core/errors.ts'
import { asking, everyItem } from '../cells/aws-calls.ts'
import { type CellDescription, cellDescriptionSchema } from './cell-description.ts'

/** A cell's description changes with a deploy of its stack, and hardly ever then. */
const fiveMinutes = 300_000

const parse = (name: string, value: string): CellDescription => {
  try {
    return cellDescriptionSchema.parse(JSON.parse(value))
  } catch (error) {
    throw new SitewrightError('RuntimeUnavailable', `${name} does not describe a cell: deploy its stack again.`, {
      cause: error,
    })
  }
}

/**
 * @param path below which each cell is a parameter, such as `/sitewright/prod/cells`.
 * @param cells of the configuration. Roles allow no others, whose stacks may come before a deploy of them, or stay after it.
 * @param monotonic milliseconds that pass evenly.
 */
export const createCellDirectory = (options: {
  readonly ssm: SSMClient
  readonly path: string
  readonly cells: readonly string[]
  readonly monotonic?: () => number
}) => {
  const { ssm, path, monotonic = () => performance.now() } = options
  let known: { readonly cells: readonly CellDescription[]; readonly until: number } | undefined

  const read = (): Promise<readonly CellDescription[]> =>
    asking('read the descriptions of cells', async () => {
      const pages = paginateGetParametersByPath({ client: ssm }, { Path: path })
      const found = await everyItem(pages, ({ Parameters }) => Parameters)
      const cells = found
        .filter(({ Name }) => options.cells.some((cell) => Name === `${path}/${cell}`))
        .map(({ Name = path, Value = '' }) => parse(Name, Value))
      known = { cells, until: monotonic() + fiveMinutes }
      return cells
    })

  const all = async (): Promise<readonly CellDescription[]> =>
    known !== undefined && monotonic() < known.until ? known.cells : read()

  return {
    all,
    /** @throws {SitewrightError} `RuntimeUnavailable` where no cell of this name has described itself. */
    describe: async (name: string): Promise<CellDescription> => {
      const isIt = (cell: CellDescription): boolean => cell.name === name
      // One that is new since the last check is worth another.
      const cell = (await all()).find(isIt) ?? (await read()).find(isIt)
      if (cell !== undefined) return cell
      throw new SitewrightError('RuntimeUnavailable', `No cell '${name}' has described itself below ${path}.`)
    },
  }
}

export type CellDirectory = ReturnType<typeof createCellDirectory>
