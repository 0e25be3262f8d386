import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { eachAtOnce } from '../../core/each-at-once.ts'

/** With it a browser shows pages in a font like those of most systems. */
export const fonts = join(import.meta.dirname, 'fonts.conf')

const desktop = { width: 1440, height: 900 }
const phone = { width: 390, height: 844 }

/** A page with fixed parts, or a dialog, is shown as in its window; of others the pictures show up to two windows. */
export interface Frame {
  readonly wide?: typeof desktop
  readonly windows?: 1 | 2
}

type Variant = 'light' | 'dark' | 'phone'
/** Variants besides the light theme at the desktop. */
export type Variants = readonly ('dark' | 'phone')[]

interface Screen {
  readonly area: string
  readonly name: string
  readonly caption: string
  readonly more: Variants
}

const run = promisify(execFile)

const galleryOf = (screens: readonly Screen[]): string => {
  const areas = [...Map.groupBy(screens, ({ area }) => area)].map(([area, own]) => {
    const shown = own.map(({ name, caption, more }) => {
      const others = more.map((variant) => `[${variant}](${name}-${variant}.webp)`)
      return `${[caption, ...others].join(' · ')}\n\n![${caption}](${name}-light.webp)\n`
    })
    return `## ${area}\n\n${shown.join('\n')}`
  })
  const lead = `\`npm run screens\` starts a host, fills it with ninety days of companies, and writes these pictures and this page.
\`npm run film\` writes the [moving picture](sign-up.webp) of the README.`
  return `# Screens\n\n${lead}\n\n${areas.join('\n')}`
}

/** Takes the pictures of the gallery. They replace the former ones only when all are taken. */
export const openCamera = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sitewright-screens-'))
  const screens: Screen[] = []

  const take = async (
    page: Page,
    name: string,
    variant: Variant,
    { wide = desktop, windows = 2 }: Frame,
  ): Promise<void> => {
    const size = variant === 'phone' ? phone : wide
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme: variant === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' })
    const path = join(folder, `${name}-${variant}.png`)
    if ((await page.getByRole('dialog').count()) > 0) return void (await page.screenshot({ path }))
    await page.evaluate('scrollTo(0, 0)')
    if (windows === 1) return void (await page.screenshot({ path }))
    const whole = await page.evaluate<number>('document.documentElement.scrollHeight')
    const height = Math.min(Math.max(whole, size.height), windows * size.height)
    await page.screenshot({ path, clip: { x: 0, y: 0, width: size.width, height }, fullPage: true })
  }

  /** @returns takes pictures for one area. */
  const of =
    (page: Page, area: string, prefix: string, frame: Frame = {}) =>
    async (what: string, caption: string, more: Variants = []): Promise<void> => {
      const name = `${prefix}-${what}`
      await page.locator('.skeleton').first().waitFor({ state: 'hidden' })
      // A row under the pointer would look chosen.
      await page.mouse.move(0, 0)
      for (const variant of [...more, 'light'] as const) await take(page, name, variant, frame)
      await page.setViewportSize(frame.wide ?? desktop)
      screens.push({ area, name, caption, more })
      console.log(`  ${name}`)
    }

  /** Replaces the pictures and the page of a directory. */
  const write = async (directory: string): Promise<void> => {
    for (const file of await readdir(directory)) {
      if (/-(light|dark|phone)\.(png|webp)$/.test(file)) await rm(join(directory, file))
    }
    await eachAtOnce(await readdir(folder), 2, async (file) => {
      await run('img2webp', ['-lossless', join(folder, file), '-o', join(directory, file.replace('.png', '.webp'))])
    })
    await writeFile(join(directory, 'README.md'), galleryOf(screens))
  }
  return { of, write, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
export type Camera = Awaited<ReturnType<typeof openCamera>>
