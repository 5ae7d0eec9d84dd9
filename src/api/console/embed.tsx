/**
 * The explanation as an element for pages of others:
 *
 *   <script type="module" src="https://recommender.example/console/embed.js"></script>
 *   <tastegraph-explanation user="ann" item="heat"></tastegraph-explanation>
 *   <script type="module">document.querySelector('tastegraph-explanation').token = …</script>
 *
 * Attributes: `user`, `item`; `base-url`, where the API is, by default where the script came from; `theme`, 'light' or 'dark', by
 * default as the system says; `lang`, the language of the sentences, by default that of what it stands in. The token is a property
 * alone, so that it stands in no document. The server must allow the page's origin (`corsOrigins`). Styles are constructed, so a policy
 * without inline styles holds.
 */
import { render } from 'preact';
import { createClient } from '../../client.ts';
import { Explanation } from './explain/Explanation.tsx';
import own from './explain/explain.css?inline';
import shared from './style.css?inline';

const styles = new CSSStyleSheet();
styles.replaceSync(shared + own);
const systemDark = matchMedia('(prefers-color-scheme: dark)');
const cameFrom = new URL('../', import.meta.url).href;
/** Once the page's scripts have run: one of them may give the token, and nothing is asked for without it before. */
const scriptsHaveRun = new Promise<unknown>((resolve) => {
  if (document.readyState === 'complete') resolve(undefined);
  document.addEventListener('DOMContentLoaded', resolve, { once: true });
  addEventListener('load', resolve, { once: true });
});

class ExplanationElement extends HTMLElement {
  static readonly observedAttributes = ['user', 'item', 'base-url', 'theme', 'lang'];
  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #draw = () => this.#render();
  #token: string | undefined;
  #mayAsk = false;
  #api: { readonly key: string; readonly client: ReturnType<typeof createClient> } | undefined;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [styles];
    // Set before the element was defined: it would hide what is below.
    if (Object.hasOwn(this, 'token')) {
      const { token } = this;
      Reflect.deleteProperty(this, 'token');
      this.#token = token;
    }
  }

  /** Bearer token or API key, with the scope 'read'. */
  get token(): string | undefined {
    return this.#token;
  }
  set token(token: string | undefined) {
    this.#token = token;
    this.#mayAsk = true;
    this.#render();
  }

  connectedCallback(): void {
    systemDark.addEventListener('change', this.#draw);
    void scriptsHaveRun.then(() => {
      this.#mayAsk = true;
      this.#render();
    });
  }
  disconnectedCallback(): void {
    systemDark.removeEventListener('change', this.#draw);
    render(null, this.#root);
  }
  attributeChangedCallback(): void {
    this.#render();
  }

  #render(): void {
    if (!this.isConnected || !this.#mayAsk) return;
    const [user, item] = [this.getAttribute('user'), this.getAttribute('item')];
    const theme = this.getAttribute('theme') ?? (systemDark.matches ? 'dark' : 'light');
    const url = this.getAttribute('base-url') ?? cameFrom;
    const lang = this.closest('[lang]')?.getAttribute('lang') ?? '';
    const headers = lang === '' ? {} : { 'accept-language': lang };
    const key = JSON.stringify([url, this.#token, lang]);
    if (this.#api?.key !== key) this.#api = { key, client: createClient({ url, token: this.#token, headers }) };
    render(
      <div class="embedded" data-theme={theme}>
        {user && item && <Explanation key={key} api={this.#api.client} {...{ user, item, theme }} />}
      </div>,
      this.#root,
    );
  }
}

if (!customElements.get('tastegraph-explanation')) customElements.define('tastegraph-explanation', ExplanationElement);
