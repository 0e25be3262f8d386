import type { Site } from '../site/site.ts'

/** What the router knows of hostnames. */
export interface SiteDirectory {
  /**
   * The site behind a hostname, at most a second old. What cannot be served is looked up again each time.
   * @param fresh skips what is remembered: the last answer turned out wrong.
   */
  readonly find: (hostname: string, options?: { fresh?: boolean }) => Promise<Site | undefined>
}
