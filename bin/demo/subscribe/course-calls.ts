import * as z from 'zod'
import { asker } from '../api.ts'
import { httpCall } from '../http-call.ts'
import { courseItem, coursePackage } from './course.ts'

const ask = asker(httpCall)

const courseSchema = z.looseObject({ id: z.string(), title: z.string(), progress: z.string() })
const coursesSchema = z.looseObject({ courses: z.array(courseSchema) })
const refusalSchema = z.looseObject({ plans: z.array(z.string()) })

/** The courses of the site at an address. */
export const courseCalls = (siteUrl: string) => {
  const at = (path: string): string => new URL(path, siteUrl).href
  const upload = () =>
    ({
      method: 'POST',
      url: at('/api/courses'),
      headers: { 'content-type': 'application/zip' },
      content: coursePackage(),
    }) as const
  return {
    upload: async () => (await ask(upload(), [201], courseSchema)).body,
    /** @returns the plans that have courses. */
    uploadInVain: async () => (await ask(upload(), [402], refusalSchema)).body.plans,
    list: async () => (await ask({ url: at('/api/courses') }, [200], coursesSchema)).body.courses,
    /** Commits what its content commits in the player of a browser. */
    complete: async (id: string) => {
      const body = { item: courseItem, cmi: { core: { lesson_status: 'completed' } } }
      await ask({ method: 'PUT', url: at(`/api/courses/${id}/state`), body }, [204], z.undefined())
    },
    /** The page that plays it. */
    player: async (id: string) => {
      const { status, text } = await httpCall({ url: at(`/courses/${id}/`), headers: { accept: 'text/html' } })
      return { status, text }
    },
  }
}
