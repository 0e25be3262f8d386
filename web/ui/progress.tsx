interface ProgressProps {
  readonly label: string
  readonly percent: number
}

export const Progress = ({ label, percent }: ProgressProps) => (
  <progress className="progress" max={100} value={percent} aria-label={label} />
)

type StepStatus = 'pending' | 'running' | 'done' | 'failed'
interface StepsProps {
  readonly steps: readonly { readonly name: string; readonly status: StepStatus; readonly word: string }[]
}

/** What was done and what follows, in order. */
export const Steps = ({ steps }: StepsProps) => (
  <ol className="steps">
    {steps.map(({ name, status, word }) => (
      <li key={name} data-status={status}>
        <span className="step-mark" aria-hidden="true" />
        <span>{name}</span>
        <span className="step-word">{word}</span>
      </li>
    ))}
  </ol>
)
