import { describe, expect, it } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import type { OperatorSession } from '../../../lambdas/operators/operator-session.ts'
import type { OperatorDirectory } from '../../../lambdas/operators/ports.ts'

type Who = Pick<OperatorSession, 'operatorId' | 'listedAs' | 'role'>

interface World {
  readonly directory: OperatorDirectory
  /** Adds somebody, or changes the role. @returns what a session holds of them. */
  readonly add: (email: string, role: OperatorRole) => Promise<Who>
  readonly remove: (email: string) => Promise<void>
  /** Lets the time pass for which an answer is used again. */
  readonly forget?: () => void
}

/** What every list of operators keeps. */
export const operatorDirectoryContract = (where: string, open: () => Promise<World>): void => {
  describe(`the operators ${where}`, () => {
    it('have their present role, whatever a session says', async () => {
      const { directory, add, forget } = await open()
      const who = await add('grace@example.com', 'support')
      expect(await directory.roleOf(who)).toBe('support')
      expect(await directory.roleOf({ ...who, role: 'admin' })).toBe('support')
      await add('grace@example.com', 'sales')
      forget?.()
      expect(await directory.roleOf(who)).toBe('sales')
    })

    it('have no role once they are removed, and none by being added again', async () => {
      const { directory, add, remove, forget } = await open()
      const who = await add('gone@example.com', 'admin')
      await remove('gone@example.com')
      forget?.()
      expect(await directory.roleOf(who)).toBeUndefined()
    })

    it('are nobody else', async () => {
      const { directory, add } = await open()
      const who = await add('one@example.com', 'admin')
      expect(await directory.roleOf({ ...who, listedAs: 'somebody' })).toBeUndefined()
    })
  })
}
