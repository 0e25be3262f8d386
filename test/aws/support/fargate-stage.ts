import { type CellParts, createFargateCell } from '../../../adapters/cells/every-cell.ts'
import { createAccessPointIds } from '../../../adapters/dynamodb/access-point-ids.ts'
import { createSitePorts, type SitePorts } from '../../../adapters/dynamodb/site-ports.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { openTestStore, type TestStore } from '../../adapters/dynamodb/test-store.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { type StartedAws, startAws } from './start-aws.ts'

export interface FargateStage extends CellParts {
  readonly aws: StartedAws
  readonly cell: CellDescription
  readonly ports: SitePorts
  /** Another process on the same cell, with clients of its own. */
  readonly another: () => CellParts
  readonly close: () => Promise<void>
}

/** A cell on AWS as functions use it, on tables of its own. */
export const openFargateStage = async (): Promise<FargateStage> => {
  const aws = await startAws()
  const cell = await aws.makeCell('blue')
  const store: TestStore = await openTestStore(aws.settings)
  const ports = createSitePorts({
    client: store.document,
    tables: store.tables,
    cell: cell.name,
    wall: () => new Date().toISOString(),
    randomness: createRandomness(),
  })
  const another = (): CellParts =>
    createFargateCell({
      ...aws,
      cell,
      ports,
      log: recordingLog(),
      accessPointIds: createAccessPointIds({ client: store.document, tables: store.tables, cell: cell.name }),
      pollMilliseconds: 10,
      placementMilliseconds: 3000,
      endMilliseconds: 5000,
    })
  return {
    ...another(),
    aws,
    cell,
    ports,
    another,
    close: async () => {
      await aws.close()
      store.close()
    },
  }
}
