-- Which share of the accounts that signed up in a week used a site in the weeks after their sign-up.
-- cohort: the Monday of the week of the sign-up. accounts: how many signed up in it.
-- week_0: the share of these with at least one visitor's request in the first seven days after their own sign-up; week_1: in the next
-- seven days; and so on. It is empty until this week has passed for all accounts of the cohort.
WITH accounts AS (
  SELECT account, min(signed_up_at) AS origin_at, date_trunc('week', min(signed_up_at)) AS cohort_at
  FROM events
  CROSS JOIN parameters
  WHERE signed_up_at >= from_at AND signed_up_at < until_at AND (only_offer IS NULL OR offer = only_offer)
  GROUP BY account
),
uses AS (
  SELECT DISTINCT
    accounts.account,
    accounts.cohort_at,
    -- The hour of the sign-up began before it.
    greatest(0, CAST(floor(CAST(date_diff('millisecond', origin_at, "at") AS DOUBLE) / 604800000) AS BIGINT)) AS week
  FROM usage
  JOIN accounts ON accounts.account = usage.account
  WHERE requests > 0
),
used AS (
  SELECT cohort_at, week, count(*) AS accounts
  FROM uses
  GROUP BY cohort_at, week
),
cohorts AS (
  SELECT cohort_at, count(*) AS accounts
  FROM accounts
  GROUP BY cohort_at
),
shares AS (
  SELECT
    cohorts.cohort_at,
    cohorts.accounts,
    weeks.week,
    -- The last account of the cohort may have signed up at its end.
    CASE
      WHEN cohorts.cohort_at + (weeks.week + 2) * INTERVAL '7' DAY <= as_of
        THEN CAST(coalesce(used.accounts, 0) AS DOUBLE) / cohorts.accounts
    END AS share
  FROM cohorts
  CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8)) AS weeks (week)
  CROSS JOIN parameters
  LEFT JOIN used ON used.cohort_at = cohorts.cohort_at AND used.week = weeks.week
)
SELECT
  CAST(CAST(cohort_at AS DATE) AS VARCHAR) AS cohort,
  max(accounts) AS accounts,
  max(CASE WHEN week = 0 THEN share END) AS week_0,
  max(CASE WHEN week = 1 THEN share END) AS week_1,
  max(CASE WHEN week = 2 THEN share END) AS week_2,
  max(CASE WHEN week = 3 THEN share END) AS week_3,
  max(CASE WHEN week = 4 THEN share END) AS week_4,
  max(CASE WHEN week = 5 THEN share END) AS week_5,
  max(CASE WHEN week = 6 THEN share END) AS week_6,
  max(CASE WHEN week = 7 THEN share END) AS week_7,
  max(CASE WHEN week = 8 THEN share END) AS week_8
FROM shares
GROUP BY cohort_at
ORDER BY cohort_at
