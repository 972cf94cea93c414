import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import type { Answered } from './exchange.ts'
import { about, type Facts, failed, notTried, ok, plain, restart, type Verdict, warning } from './finding.ts'
import { type Evidence, namedIn, resourceMetadataUrl } from './gather.ts'

/** The MCP endpoint, as it answers somebody who has no token yet: that is how every client finds the sign-in. */
export function endpointFindings(evidence: Evidence, facts: Facts): Finding[] {
  const { post, get, discover, badToken } = evidence
  const refused = about('unauthorized', say('doctor.title.unauthorized'), post, unauthorized)
  const where = say('doctor.refusalSaysWhereSign')
  return [
    refused,
    refused.state === 'ok'
      ? about('challenge', where, post, (answer) => challenge(answer, facts))
      : plain('challenge', where, '', notTried()),
    about('get-probe', say('doctor.title.getProbe'), get, ({ status }) =>
      status === 401 || status === 405
        ? ok()
        : (open(status) ?? unexpected('get-unexpected', status, '401 or 405')),
    ),
    about('discover', say('doctor.title.discover'), discover, unauthorized),
    about('bad-token', say('doctor.title.badToken'), badToken, wrongToken),
  ]
}

/** Somebody without a token must never get an answer. */
const open = (status: number): Verdict | null =>
  status >= 200 && status < 300
    ? failed('open-to-all', say('doctor.openToAll.message'), say('doctor.openToAll.hint'))
    : null

const unexpected = (code: string, status: number, wanted: string): Verdict =>
  failed(code, say('doctor.answerShouldHaveBeen', { wanted, status }), restart())

const unauthorized = ({ status }: Answered): Verdict =>
  status === 401
    ? ok()
    : (open(status) ??
      (status === 404
        ? failed('no-endpoint', say('doctor.noEndpoint.message'), say('doctor.noEndpoint.hint'))
        : unexpected('no-401', status, '401')))

/** RFC 9728 §5.1, RFC 6750 §3. */
function challenge({ headers }: Answered, facts: Facts): Verdict {
  const value = headers.get('www-authenticate')
  if (value === null)
    return failed('no-challenge', say('doctor.noChallenge.message'), say('doctor.noChallenge.hint'))
  const named = namedIn(value)
  if (!/^Bearer\b/i.test(value) || named === null)
    return failed('challenge-incomplete', say('doctor.challengeIncomplete.message'), restart())
  if (!named.startsWith(`${facts.origin}/`))
    return failed(
      'challenge-elsewhere',
      say('doctor.challengeElsewhere.message'),
      say('doctor.challengeElsewhere.hint'),
    )
  if (!/\bscope="[^"]+"/i.test(value))
    return warning(
      'challenge-no-scope',
      say('doctor.challengeNoScope.message'),
      say('doctor.challengeNoScope.hint'),
    )
  return named === resourceMetadataUrl(facts)
    ? ok()
    : warning(
        'challenge-unusual',
        say('doctor.challengeUnusual.message'),
        say('doctor.challengeUnusual.hint'),
      )
}

/** RFC 6750 §3.1: the client learns that its token is used up, and signs in again. */
function wrongToken({ status, headers }: Answered): Verdict {
  if (status !== 401) return open(status) ?? unexpected('bad-token-accepted', status, '401')
  return /\berror="invalid_token"/.test(headers.get('www-authenticate') ?? '')
    ? ok()
    : failed('bad-token-unclear', say('doctor.badTokenUnclear.message'), restart())
}
