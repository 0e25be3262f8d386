import { demoApi, demoSite } from '../demo/api.ts'
import type { Answer, Call } from '../demo/http-call.ts'
import type { Person } from './person.ts'

const duplicates = (values: readonly string[]): readonly string[] =>
  [...Map.groupBy(values, (value) => value)].flatMap(([value, same]) => (same.length > 1 ? [value] : []))

/** What is wrong with one person's site, asked anew; nothing where all is well. */
const verifyPerson = async (
  { token, site, slug, name, text }: Person,
  origin: string,
  call: (call: Call) => Promise<Answer>,
): Promise<readonly string[]> => {
  if (token === undefined || site === undefined) return [`${slug} has no site`]
  const wrong: string[] = []
  const owner = demoApi(origin, token, call)
  const again = await owner.createSite(slug, name)
  if (again.site.id !== site.id)
    wrong.push(`${slug}: the same Idempotency-Key gave ${again.site.id} besides ${site.id}`)
  const listed = await owner.listSites()
  if (listed.length !== 1 || listed[0]?.id !== site.id) {
    wrong.push(
      `${slug}: the account lists ${listed.map(({ id }) => id).join(', ') || 'no site'}, and not ${site.id} alone`,
    )
  }
  const running = demoSite(site.url, call)
  const entitlement = await running.entitlement()
  if (entitlement.name !== name)
    wrong.push(`${slug}: the site says that its name is '${entitlement.name}', not '${name}'`)
  const texts = (await running.read()).map((entry) => entry.text)
  if (texts.length !== 1 || texts[0] !== text) wrong.push(`${slug}: the site holds ${JSON.stringify(texts)}`)
  return wrong
}

/** Everything that does not hold after the storm: no two share anything, and everybody finds their own. */
export const verifyCrowd = async (
  people: readonly Person[],
  origin: string,
  call: (call: Call) => Promise<Answer>,
): Promise<readonly string[]> => {
  const wrong = people.flatMap(({ slug, failure }) => (failure === undefined ? [] : [`${slug}: ${failure}`]))
  const sites = people.flatMap(({ site }) => site ?? [])
  for (const id of duplicates(sites.map((site) => site.id))) wrong.push(`${id} was given to more than one person`)
  for (const url of duplicates(sites.map((site) => site.url))) wrong.push(`${url} was given to more than one person`)
  for (const { slug, site } of people) {
    if (site !== undefined && site.slug !== slug) wrong.push(`${slug} was given ${site.slug}`)
  }
  // A few at a time: this looks at what the storm left, and is no second storm.
  const queue = people.filter(({ failure }) => failure === undefined).values()
  const worker = async (): Promise<void> => {
    for (const person of queue) {
      const found = await verifyPerson(person, origin, call).catch((error: unknown) => [`${person.slug}: ${error}`])
      wrong.push(...found)
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  return wrong
}
