import { describe, expect, it } from 'vitest'
import { readBlueprints } from '../../local/blueprints.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'

describe('the blueprints of a host', () => {
  it('that cannot be had are for the person at the terminal to correct', async () => {
    const error: unknown = await readBlueprints('/nowhere/at/all', []).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StartUpError)
    expect(error).toHaveProperty('message', 'the directory of blueprints, /nowhere/at/all, cannot be read')
  })
})
