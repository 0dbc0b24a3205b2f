// Search without a server: browsers refuse workers to pages opened from disk, so there a hidden frame
// stands for the worker of the search. The name tells mkdocs-material's offline plugin that it is here,
// which would otherwise load one from elsewhere.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.onload = () => this.start(url)
      document.body.append(this.frame)
    }
    start(url) {
      const inner = this.frame.contentWindow
      inner.postMessage = data => setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })))
      const load = address => new Promise((done, fail) => {
        const script = inner.document.createElement("script")
        Object.assign(script, { src: address, onload: done, onerror: fail })
        inner.document.body.append(script)
      })
      inner.importScripts = (...addresses) => Promise.all(addresses.map(load))
      load(url).then(() => {
        this.inner = inner
        this.waiting.splice(0).forEach(data => this.postMessage(data))
      })
    }
    postMessage(data) {
      if (this.inner) this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data }))
      else this.waiting.push(data)
    }
    terminate() {
      this.frame.remove()
    }
  }
}
