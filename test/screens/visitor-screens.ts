import type { Page } from 'playwright-core'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { awaitText, everyVariant, findByStatus, onPhone, openPage, press, type Stage, show, tour } from './stage.ts'

const email = 'robin@acme-pumps.example'

/** A newcomer's way from the first page to the site. @returns their page. */
export const newcomerScreens = async (stage: Stage): Promise<Page> => {
  const { camera, url } = stage
  const page = await openPage(stage)
  const shoot = camera.of(page, 'Sign-up', 'sign-up')
  await show(page, url, 'Send me a code')
  await shoot(
    'email',
    'The first page asks only for an e-mail address. Steps, prices and answers are below.',
    everyVariant,
  )
  await page.getByLabel('E-mail address').fill(email)
  await press(page, 'Send me a code')
  await awaitText(page, 'read the code in the local mailbox')
  await shoot('code', 'The code is in a mail.')
  await page.getByLabel('Code', { exact: true }).fill(await codeFromMailbox(url, email))
  await awaitText(page, 'acme-pumps.localhost is free.')
  await shoot('name', 'The page suggests a name and checks its address while one types.', onPhone)
  await press(page, 'Create my site')
  await awaitText(page, 'Your site is being built')
  await shoot('build', 'If no site is ready, the page shows the steps of the build.')
  await page.waitForURL(/acme-pumps\.localhost/)
  await awaitText(page, 'Choose a plan')
  const shootSite = camera.of(page, 'Welcome site', 'welcome', { windows: 1 })
  await shootSite('owner', 'The owner sees a bar with the days left, and a checklist of first steps.', everyVariant)
  const visitor = await openPage(stage)
  await show(visitor, page.url(), 'Acme Pumps')
  await camera.of(visitor, 'Welcome site', 'welcome', { windows: 1 })(
    'visitor',
    'Visitors see neither the bar nor the list.',
    onPhone,
  )
  await visitor.context().close()
  await show(page, `${url}/#/waiting`, 'You are on the list')
  await shoot('waiting-list', 'While new trials are paused, people wait on a list.')
  return page
}

/** What visitors see where there is no site to see. */
export const strangerScreens = async (stage: Stage): Promise<void> => {
  const page = await openPage(stage)
  const { url } = await findByStatus(stage, 'suspended')
  await tour(page, stage.camera.of(page, 'Where there is no site', 'elsewhere'), '', [
    ['unknown', url.replace(/\/\/[^.]+/, '//nobody'), /./, 'Nobody has this address.', everyVariant],
    ['suspended', url, /./, 'The site of this address is suspended.', everyVariant],
  ])
  await page.context().close()
}

/** Every mail with sample data, in both themes. */
export const mailScreens = async (stage: Stage): Promise<void> => {
  const page = await openPage(stage)
  await show(page, `${stage.url}/_local/mail/preview`, 'Mail')
  const mails = await Promise.all(
    (await page.locator('article').all()).map(async (mail) => ({
      subject: await mail.locator('h2').innerText(),
      html: (await mail.locator('iframe').getAttribute('srcdoc')) ?? '',
    })),
  )
  if (mails.length < 10) throw new Error(`The preview shows only ${mails.length} mails.`)
  const shoot = stage.camera.of(page, 'Mails', 'mail', { wide: { width: 720, height: 640 } })
  for (const [index, { subject, html }] of mails.entries()) {
    await page.setContent(html)
    await shoot(String(index + 1), subject, index === 0 ? everyVariant : ['dark'])
  }
  await show(page, `${stage.url}/_local/mail/preview?language=de`, 'Testphase')
  const german = page.locator('article').filter({ hasText: 'Noch 3 Tage' }).first()
  const html = (await german.locator('iframe').getAttribute('srcdoc')) ?? ''
  await page.setContent(html)
  await shoot('german', 'The language of mails is that of the account: a reminder in German.', ['dark'])
  await page.context().close()
}
