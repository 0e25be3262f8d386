import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import type { Catalogue, LandingSettings, PageProps } from '../settings.ts'
import { createTexts, type Texts } from '../texts/texts.ts'
import { MailedScreen } from './other-screens.tsx'
import { SignUpPage } from './sign-up-page.tsx'

interface LandingProps extends PageProps {
  readonly landing: LandingSettings
}

interface PartProps extends LandingProps {
  readonly texts: Texts<string>
}

const Picture = ({ landing, language }: PartProps) =>
  landing.picture === undefined ? null : (
    <img className="landing-picture" src={landing.picture} alt={landing.pictureText?.[language] ?? ''} loading="lazy" />
  )

/** A site in a window of a browser, drawn by the style sheet. It says nothing that the text beside it does not. */
const Drawing = ({ settings, texts: { t } }: PartProps) => (
  <div className="drawing" aria-hidden="true">
    <p className="drawing-address">acme.{settings.sitesDomain}</p>
    <p className="drawing-name">Acme</p>
    <div className="drawing-cards">
      {(['news', 'thanks', 'hours'] as const).map((sample) => (
        <i key={sample}>{t(`sample.${sample}`)}</i>
      ))}
    </div>
    <p className="drawing-bar">
      <b>{settings.brand}</b> {t('prices.trial', { days: settings.trialDays })}
    </p>
  </div>
)

const Steps = (props: PartProps) => {
  const { settings, landing, texts } = props
  const example = `acme.${settings.sitesDomain}`
  return (
    <section className="landing-how">
      <h2>{texts.t('steps.title')}</h2>
      <ol className="landing-steps">
        {(['code', 'name', 'start'] as const).map((step) => (
          <li key={step}>
            <h3>{texts.t(`steps.${step}`)}</h3>
            <p>{texts.t(`steps.${step}-text`, { example })}</p>
          </li>
        ))}
      </ol>
      {landing.picture === undefined ? <Drawing {...props} /> : null}
    </section>
  )
}

type Plan = LandingSettings['plans'][number]

const PlanLines = ({ plan, texts: { t, format } }: { readonly plan: Plan; readonly texts: Texts<string> }) => (
  <ul className="plan-lines">
    <li>{t('prices.storage', { value: format.mebibytes(plan.storageMiB) })}</li>
    <li>{t(plan.isAlwaysOn ? 'prices.always-on' : 'prices.sleeps')}</li>
    {plan.environments === 1 ? <li>{t('prices.environment')}</li> : null}
    {plan.environments > 1 ? <li>{t('prices.environments', { count: plan.environments })}</li> : null}
    {plan.hasDomain ? <li>{t('prices.domain')}</li> : null}
    {plan.kind === 'trial' ? <li>{t('prices.no-card')}</li> : null}
  </ul>
)

/** Nothing without a plan that one can buy. */
const Prices = ({ settings, landing: { plans }, texts }: PartProps) => {
  const { t, format } = texts
  const said = ({ kind, prices }: Plan): readonly string[] => {
    if (kind === 'trial') return [t('prices.trial', { days: settings.trialDays })]
    if (kind === 'enterprise') return [t('prices.agreed')]
    const shown = prices.filter(({ currency }) => currency === prices[0]?.currency)
    const month = shown.find(({ interval }) => interval === 'month')
    return shown.map((price) => {
      const free = month && price.interval === 'year' ? 12 - price.amount / month.amount : 0
      const isWhole = free > 1 && Number.isInteger(free)
      return t(isWhole ? 'prices.year-free' : `prices.${price.interval}`, { price: format.money(price), free })
    })
  }
  if (!plans.some(({ kind }) => kind === 'paid')) return null
  return (
    <section id="prices">
      <h2>{t('prices.title')}</h2>
      <ul className="landing-plans">
        {plans.map((plan) => {
          const [first, second] = said(plan)
          return (
            <li key={plan.name}>
              <h3>{plan.name}</h3>
              <p className="figure">{first}</p>
              {second === undefined ? null : <p className="quiet-text">{second}</p>}
              <PlanLines plan={plan} texts={texts} />
              {plan.kind === 'enterprise' ? (
                <a href={`mailto:${settings.contact}`}>{t('prices.ask')}</a>
              ) : (
                <a href="#email">{t('prices.start')}</a>
              )}
            </li>
          )
        })}
      </ul>
      <p className="plan-note">{t('prices.tax')}</p>
    </section>
  )
}

/** The offer's own questions, or the usual ones. */
const Questions = ({ landing, language, texts: { t } }: PartProps) => {
  const { graceDays: grace, retentionDays: kept } = landing
  const usual = (['card', 'end', 'leave', 'others'] as const).map(
    (key) => [t(`questions.${key}`), t(`questions.${key}-text`, { grace, kept })] as const,
  )
  const own = landing.questions?.flatMap(({ question, answer }) => {
    const [asked, answered] = [question[language], answer[language]]
    return asked === undefined || answered === undefined ? [] : [[asked, answered] as const]
  })
  return (
    <section className="landing-questions">
      <h2>{t('questions.title')}</h2>
      {(own ?? usual).map(([question, answer]) => (
        <details key={question}>
          <summary>{question}</summary>
          <p>{answer}</p>
        </details>
      ))}
    </section>
  )
}

/** What a visitor can read below the form. The build renders it once; no script takes it over. */
const Landing = (props: LandingProps) => {
  const parts = { ...props, texts: createTexts(props.language, props.catalogue) }
  return (
    <>
      <Picture {...parts} />
      <Steps {...parts} />
      <Prices {...parts} />
      <Questions {...parts} />
    </>
  )
}

/** The HTML of the pages of sign-up before any script, by their path. */
export const firstScreens = (
  props: PageProps,
  landing: LandingSettings,
  catalogue: Catalogue,
): Readonly<Record<string, string>> => ({
  '': renderToString(
    <SignUpPage
      {...props}
      below={renderToStaticMarkup(<Landing {...props} landing={landing} catalogue={catalogue} />)}
    />,
  ),
  mailed: renderToString(
    <SignUpPage {...props}>
      <MailedScreen />
    </SignUpPage>,
  ),
})
