import { demoApi } from '../../bin/demo/api.ts'
import { codeFromMailbox } from '../../bin/demo/find-code.ts'

/** Somebody who has signed in and has no site yet. */
export interface Person {
  readonly email: string
  /** Free for a site of theirs. */
  readonly slug: string
  readonly token: string
}

const atOnce = 4

const signUp = async (origin: string, slug: string): Promise<Person> => {
  const visitor = demoApi(origin)
  const email = `${slug}@example.com`
  const { id } = await visitor.signUp(email)
  const { token } = await visitor.verify(id, await codeFromMailbox(origin, email))
  return { email, slug, token }
}

/** @param name makes the people's addresses and slugs, with a number; unused so far. */
export const signUpPeople = async (origin: string, name: string, count: number): Promise<readonly Person[]> => {
  const people: Person[] = []
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => first + index + 1)
    people.push(...(await Promise.all(numbers.map((number) => signUp(origin, `${name}-${number}`)))))
  }
  return people
}
