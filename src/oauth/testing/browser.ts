/** A browser as far as OAuth needs one: cookies by path, redirects one at a time, no scripts. */
export interface Browser {
  get(url: string, headers?: Record<string, string>): Promise<Answer>
  /** Follows redirects inside our origin and stops at the first that leaves it. */
  follow(url: string, headers?: Record<string, string>): Promise<Answer>
  cookies(): { name: string; value: string; path: string; line: string }[]
}

export interface Answer {
  url: string
  status: number
  location: string | null
  body: string
  headers: Headers
  setCookies: string[]
}

export function openBrowser(): Browser {
  const jar: { host: string; name: string; value: string; path: string; line: string }[] = []

  const get = async (url: string, headers: Record<string, string> = {}): Promise<Answer> => {
    const { host, pathname } = new URL(url)
    const sent = jar
      .filter(
        (one) =>
          one.host === host &&
          (pathname === one.path || pathname.startsWith(`${one.path.replace(/\/$/, '')}/`)),
      )
      .map((one) => `${one.name}=${one.value}`)
      .join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', ...(sent === '' ? {} : { cookie: sent }), ...headers },
    })
    const setCookies = response.headers.getSetCookie()
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(/;\s*/)
      const [name = '', value = ''] = pair.split('=')
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/'
      const old = jar.findIndex((one) => one.host === host && one.name === name && one.path === path)
      if (old !== -1) jar.splice(old, 1)
      if (value !== '') jar.push({ host, name, value, path, line })
    }
    const location = response.headers.get('location')
    return {
      url,
      status: response.status,
      location: location === null ? null : new URL(location, url).href,
      body: await response.text(),
      headers: response.headers,
      setCookies,
    }
  }

  return {
    get,
    async follow(url, headers) {
      let answer = await get(url, headers)
      for (let hop = 0; hop < 8 && answer.location !== null; hop += 1) {
        if (new URL(answer.location).origin !== new URL(url).origin) return answer
        answer = await get(answer.location, headers)
      }
      return answer
    },
    cookies: () => jar,
  }
}

/** The digits a waiting page shows. */
export const digitsOn = (page: string): string | undefined => /id="digits">(\d{3})</.exec(page)?.[1]
