import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import { pageErrors } from '../support/page-errors.ts'
import { shots, takeShot } from './take-shot.ts'

/** Fails the test in which a reader of the page's console would see an error, such as a violation of the CSP. Refused calls are the page's own matter. */
export const watchErrors = (page: Page): void => {
  page.on('pageerror', (error) => pageErrors.push(error.message))
  page.on('console', (message) => {
    const isOfInterest = message.type() === 'error' && !message.text().startsWith('Failed to load resource')
    if (isOfInterest) pageErrors.push(message.text())
  })
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeFinding {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** Themes differ in colours, widths in what is shown. axe in every pair takes three times as long: for the night, and where somebody looks. */
const views = [
  { colorScheme: 'light', width: 360, hasAxe: true },
  { colorScheme: 'light', width: 768, hasAxe: shots !== undefined },
  { colorScheme: 'dark', width: 1920, hasAxe: true },
  ...(shots === undefined
    ? []
    : ([
        { colorScheme: 'dark', width: 360, hasAxe: true },
        { colorScheme: 'dark', width: 768, hasAxe: true },
        { colorScheme: 'light', width: 1920, hasAxe: true },
      ] as const)),
] as const

/** What axe finds on the screen. */
const axeFindings = async (page: Page): Promise<readonly (readonly (string | undefined)[])[]> => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const run = `axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations)`
  const found = (await page.evaluate(run)) as AxeFinding[]
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary]))
}

/** Requires that axe finds nothing on the screen, in both themes and on a phone. Keeps how it looks (`take-shot.ts`). */
export const expectAccessible = async (page: Page, name: string): Promise<void> => {
  await page.evaluate(await axeSource)
  const before = page.viewportSize() ?? { width: 1280, height: 720 }
  for (const { colorScheme, width, hasAxe } of views) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
    await takeShot(page, `${name}-${width}-${colorScheme}`)
    if (hasAxe) expect(await axeFindings(page), `${name}, ${colorScheme}, ${width} px`).toEqual([])
    // A menu follows the new width in the next frames. As patient as the other waits of these tests.
    const fits = async () => {
      const scrollWidth = await page.evaluate('document.documentElement.scrollWidth')
      expect(scrollWidth, `${name} at ${width} px`).toBeLessThanOrEqual(width)
    }
    await vi.waitFor(fits, { timeout: 240_000 })
  }
  await page.setViewportSize(before)
}
