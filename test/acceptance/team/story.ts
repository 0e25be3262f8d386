import { endWithCommand } from '../../../bin/command-line/run-to-end.ts'
import { hasOutside, openOutside } from '../../support/outside.ts'
import type { OwnHost } from '../start-host.ts'
import type { Timeline } from '../timeline.ts'
import type { Walk } from '../walk.ts'
import { makeApplications } from './applications.ts'
import { tellApplication } from './life.ts'
import { allow, installCommand, invite, isContainers, personWith } from './person.ts'

/**
 * Plays how a team runs applications that are not ours with the packed command: on its own machine, deployed, by CI, in environments, and back.
 * @throws {Error} at the first unexpected value.
 */
export const tellTeam = async (
  { slug }: Walk,
  timeline: Timeline,
  { directory, hosts: [host] }: { readonly directory: string; readonly hosts: readonly OwnHost[] },
): Promise<string> => {
  if (host === undefined) throw new Error('the story needs a host')
  const { step } = timeline
  const names = (made: readonly { readonly name: string }[]): string => made.map(({ name }) => name).join(', ')
  // Another machine, which a hook that anonymises must not reach.
  const outside = isContainers && hasOutside() ? await openOutside() : undefined
  const close = async () => outside?.[Symbol.asyncDispose]()
  endWithCommand(close)
  const applications = await step('install what others made', () => makeApplications(directory, outside), names)
  const installed = await step('install the packed command', () => installCommand(directory, host))
  const signIn = (role: string) => personWith(installed, `${role}-${slug}@example.com`)
  const email = (person: { readonly email: string }): string => person.email
  const owner = await step('sign in with the command', () => signIn('owner'), email)
  const viewer = await step('a colleague signs in too', () => signIn('viewer'), email)
  await step('an operator allows own software', () => allow(host.url, owner.accountId, applications.length))
  await step(
    'the owner invites the colleague',
    () => invite(owner, viewer),
    () => 'as a viewer',
  )
  for (const one of applications) await tellApplication({ timeline, installed, owner, viewer }, one)
  return `One command ran ${names(applications)}, and each production is what it was at first.`
}
