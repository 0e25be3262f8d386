import { type ReactNode, useEffect } from 'react'
import { base } from '../api/client.ts'
import { useSignOut } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import { Button } from '../ui/button.tsx'
import { chooseLanguage, Page } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { useHash } from '../ui/use-page.ts'
import { CodeScreen, ConfirmScreen } from './code-screen.tsx'
import { EmailScreen } from './email-screen.tsx'
import { NameScreen } from './name-screen.tsx'
import { offeredTexts } from './offer.ts'
import { BuildingScreen, KeepScreen, WaitingScreen } from './other-screens.tsx'
import { screenAt } from './request-code.ts'
import { routeOf } from './routes.ts'
import { usePage } from './screen.tsx'
import { placeAfterSignIn, useSession } from './use-sign-in.ts'

/** Beside the brand, for visitors: places on the page, and the other language. */
const LandingLinks = () => {
  const { t, language, settings } = usePage()
  const other = language === 'en' ? 'de' : 'en'
  return (
    <nav className="landing-links" aria-label={t('links.title')}>
      <a href="#prices">{t('links.prices')}</a>
      <a href="#email">{t('links.sign-in')}</a>
      {settings.languages.includes(other) ? (
        <Button tone="plain" lang={other} onClick={() => chooseLanguage(other)}>
          {t('frame.language')}
        </Button>
      ) : null}
    </nav>
  )
}

const Person = () => {
  const { t, sayProblem } = usePage()
  const { data: email } = useSession()
  const leaving = useSignOut()
  // The back/forward cache may show a page of somebody who has signed out since.
  useEffect(() => {
    const onShow = ({ persisted }: PageTransitionEvent): void => {
      if (persisted && email) location.reload()
    }
    addEventListener('pageshow', onShow)
    return () => removeEventListener('pageshow', onShow)
  }, [email])
  if (!email) return <LandingLinks />
  return (
    <>
      <span aria-live="polite">{leaving.isError ? sayProblem(leaving.error) : email}</span>
      <Button tone="plain" isBusy={leaving.isPending} onClick={() => leaving.mutate()}>
        {t('frame.sign-out')}
      </Button>
    </>
  )
}

/** Screens for somebody who is signed in; others begin at the first screen. */
const SignedIn = ({ children }: { readonly children: (email: string) => ReactNode }) => {
  const session = useSession()
  const isNobody = session.data === null && !session.isFetching
  useEffect(() => {
    if (isNobody) location.replace(screenAt(''))
  }, [isNobody])
  return session.data ? children(session.data) : <State query={session} />
}

/** The first screen; somebody who is signed in continues where they belong. */
const Start = () => {
  const { settings } = usePage()
  const { data: email } = useSession()
  useEffect(() => {
    if (!email) return
    const leaving = new AbortController()
    placeAfterSignIn(settings, leaving.signal).then(
      (place) => leaving.signal.aborted || location.replace(place),
      () => undefined,
    )
    return () => leaving.abort()
  }, [email, settings])
  return <EmailScreen />
}

const Elsewhere = ({ path }: { readonly path: string }) => {
  useEffect(() => location.replace(`${base()}${path}`), [path])
  return null
}

const CurrentScreen = () => {
  const route = routeOf(useHash())
  switch (route.name) {
    case 'start':
      return <Start />
    case 'code':
      return route.linkCode === undefined ? (
        <CodeScreen key={route.id} id={route.id} />
      ) : (
        <ConfirmScreen id={route.id} linkCode={route.linkCode} asksConsent={route.asksConsent === true} />
      )
    case 'keep':
      return <KeepScreen id={route.id} code={route.code} />
    case 'new':
      return <SignedIn>{(email) => <NameScreen email={email} />}</SignedIn>
    case 'building':
      return <SignedIn>{() => <BuildingScreen key={route.id} id={route.id} />}</SignedIn>
    case 'waiting':
      return <SignedIn>{() => <WaitingScreen />}</SignedIn>
    case 'owner':
      return <Elsewhere path={route.path} />
  }
}

/** Why to begin; for somebody who waits for room, what follows. */
const Pitch = () => {
  const { t, settings } = usePage()
  const isWaiting = routeOf(useHash()).name === 'waiting'
  const points = isWaiting ? (['mail', 'later'] as const) : (['fast', 'free', 'yours'] as const)
  return (
    <div className="pitch">
      <p className="pitch-title">{t(isWaiting ? 'pitch.waiting' : 'pitch.title')}</p>
      <ul>
        {points.map((point) => (
          <li key={point}>
            <strong>{t(`pitch.${point}`, { days: settings.trialDays })}</strong>
            <span>{t(`pitch.${point}-text`, { days: settings.trialDays })}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

export interface SignUpPageProps extends PageProps {
  /** A screen instead of the one that the address names. */
  readonly children?: ReactNode
  /** HTML that the build renders below the first screen. In the browser, it is there already. */
  readonly below?: string
}

export const SignUpPage = ({ children, below = '', ...props }: SignUpPageProps) => (
  <Page {...props} catalogue={offeredTexts(props)} person={<Person />}>
    <div className="sign-up">
      <Pitch />
      {children ?? <CurrentScreen />}
    </div>
    {/* biome-ignore lint/security/noDangerouslySetInnerHtml: React rendered it, at the build. */}
    <div className="landing" suppressHydrationWarning dangerouslySetInnerHTML={{ __html: below }} />
  </Page>
)
