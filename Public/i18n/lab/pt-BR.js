// @ts-check
/** As palavras só da página de comparação, em português do Brasil. */

export default {
    "lab.title": "Comparar",
    "lab.lede":
        "Uma folha de fotos, acompanhada de várias maneiras ao mesmo tempo, de onde você está. Veja quando cada uma fica sabendo do que aconteceu, e quanto isso custa.",
    "lab.ways": "Maneiras de acompanhar",
    "lab.way.polling5": "Polling a cada 5 s",
    "lab.way.polling5.text": "Pergunta a cada cinco segundos, como na maioria dos tutoriais.",
    "lab.way.sse": "Server-Sent Events",
    "lab.way.sse.text": "Uma resposta que nunca termina.",
    "lab.way.websocket": "WebSocket",
    "lab.way.websocket.text": "Uma conexão, nos dois sentidos.",
    "lab.way.polling1": "Polling a cada segundo",
    "lab.way.polling1.text": "Pergunta cinco vezes mais.",
    "lab.way.adaptive": "Polling adaptativo",
    "lab.way.adaptive.text": "Pergunta muito enquanto algo se move.",
    "lab.way.long": "Long polling",
    "lab.way.long.text": "A resposta espera pela novidade.",
    "lab.start": "Começar com o nosso conjunto",
    "lab.start.photos": "Começar com suas fotos",
    "lab.stop": "Parar",
    "lab.about":
        "O nosso conjunto são doze imagens pequenas, desenhadas aqui e enviadas uma após a outra; leva uns quinze segundos. Cada maneira tem conexão e cursor próprios e não divide nada. A folha é excluída no fim.",
    "lab.none": "Escolha ao menos uma maneira.",

    "lab.state.opening": "Comparando os dois relógios, abrindo as conexões…",
    "lab.state.sending": "A foto {sent} de {total} está a caminho…",
    "lab.state.waiting":
        "Todas as fotos foram enviadas; esperando até que todas as maneiras saibam de tudo…",
    "lab.state.checking": "Lendo o próprio registro, para ver se algo faltou…",
    "lab.state.settled":
        "Pronto após {time}: {count} eventos, e todas as maneiras souberam de todos.",
    "lab.state.lossy":
        "Pronto após {time}: {count} eventos, e nem toda maneira soube de todos, veja abaixo.",
    "lab.state.stopped": "Parado após {time}. O que foi medido até então está abaixo.",
    "lab.state.patience":
        "Encerrado após {time}: alguma maneira ainda não sabia de tudo, muito depois de acontecer.",
    "lab.state.unreachable":
        "O servidor deixou de responder após {time}. O que foi medido até então está abaixo, sem a conferência com o registro.",
    "lab.state.failed": "Esta medição não pôde começar: {why}",

    "lab.picture": "Quando aconteceu, e quando esta página soube",
    "lab.picture.text":
        "O tempo corre para a direita. A marca de cima é um evento, no momento em que o servidor o gravou; a de baixo é o momento em que chegou a esta página. A inclinação da linha entre elas é o atraso.",
    "lab.legend.committed": "gravado pelo servidor",
    "lab.legend.reached": "chegou a esta página",
    "lab.median": "metade em até",
    "lab.counters":
        "{events} eventos · {lost} perdidos · {repeated} repetidos · {reconnects} reconexões",
    "lab.strip.label": "{way}: {events} eventos, metade deles em até {p50}, 99% em até {p99}.",
    "lab.mark.hidden": "aba oculta",
    "lab.mark.offline": "sem rede",

    "lab.delays": "Quanto atraso, do melhor ao pior",
    "lab.delays.text":
        "Para cada atraso, a parte dos eventos que não demorou mais. O eixo abaixo é logarítmico: cada passo à direita é dez vezes mais tarde. Uma linha íngreme à esquerda é uma maneira em que se pode confiar.",
    "lab.delays.label":
        "Distribuição dos atrasos de cada maneira. A tabela abaixo tem os mesmos números.",
    "lab.uncertain": "não se distingue",
    "lab.requests": "Requisições, somadas",
    "lab.requests.text":
        "Um fluxo é uma requisição que dura; cada pergunta do polling é uma requisição.",
    "lab.requests.label":
        "Requisições de cada maneira, somadas no tempo. A tabela abaixo tem os mesmos números.",
    "lab.bytes": "Bytes, somados",
    "lab.bytes.label":
        "Bytes de cada maneira, somados no tempo. A tabela abaixo tem os mesmos números.",
    "lab.bytes.part": "Quais bytes",
    "lab.bytes.all": "Todos",
    "lab.bytes.head-up": "Cabeçalhos enviados",
    "lab.bytes.payload-up": "Conteúdo enviado",
    "lab.bytes.head-down": "Cabeçalhos recebidos",
    "lab.bytes.payload-down": "Conteúdo recebido",

    "lab.table": "Todos os números desta medição",
    "lab.table.way": "Maneira",
    "lab.table.events": "Eventos",
    "lab.table.lost": "Perdidos",
    "lab.table.repeated": "Repetidos",
    "lab.table.reconnects": "Reconexões",
    "lab.table.p50": "Mediana",
    "lab.table.p95": "95% em até",
    "lab.table.p99": "99% em até",
    "lab.table.max": "Maior atraso",
    "lab.table.requests": "Requisições",
    "lab.table.head-up": "Cabeçalhos enviados",
    "lab.table.payload-up": "Conteúdo enviado",
    "lab.table.head-down": "Cabeçalhos recebidos",
    "lab.table.payload-down": "Conteúdo recebido",
    "lab.table.waited": "Maior espera no navegador",
    "lab.table.turn": "Maior espera pela vez aqui",
    "lab.under": "menos de {time}",
    "lab.unit.ms": "{n} ms",
    "lab.unit.s": "{n} s",
    "lab.details": "Cada evento, um por um",
    "lab.details.event": "Evento",
    "lab.details.committed": "Gravado em",

    "lab.note.clock":
        "O relógio do servidor está {offset} adiantado em relação ao deste navegador, com incerteza de {uncertainty}, por {count} perguntas. Nenhum atraso menor que isso é afirmado.",
    "lab.note.clock.behind":
        "O relógio do servidor está {offset} atrasado em relação ao deste navegador, com incerteza de {uncertainty}, por {count} perguntas. Nenhum atraso menor que isso é afirmado.",
    "lab.note.clock.moved":
        "Um dos dois relógios se moveu durante a medição: nenhuma diferença única explica todas as respostas. Os atrasos podem errar em até {uncertainty}.",
    "lab.note.clock.none":
        "O relógio do servidor não pôde ser lido, e por isso nenhum atraso pode ser dado: o servidor foi perguntado e não respondeu.",
    "lab.note.protocol":
        "{protocol} entre este navegador e quem lhe responde. Os cabeçalhos que o navegador acrescenta a uma pergunta não são visíveis a uma página e foram calculados; todo o resto foi contado.",
    "lab.note.waited":
        "Uma requisição esperou até {time} no navegador antes de ganhar uma conexão. Com HTTP/1.1 todas as abas juntas têm seis conexões com um servidor; esta página deixa folga, então o motivo provável são outras abas que seguram conexões com ele. Feche-as e repita.",
    "lab.note.hidden":
        "Esta aba ficou oculta por {time}: navegadores desaceleram os temporizadores de abas ocultas, e com eles o polling. O tempo hachurado nada diz sobre as maneiras.",
    "lab.note.offline": "O navegador ficou sem rede por {time}.",
    "lab.note.unheard": "{way} ainda não sabia de {count} eventos quando a medição foi parada.",
    "lab.note.compressed":
        "Algo no caminho comprime as respostas: o conteúdo é contado depois de descompactado.",
    "lab.note.unchecked":
        "“Perdidos” conta em relação ao que alguma das maneiras soube, pois o próprio registro não pôde ser lido no fim.",

    "lab.runs": "Medições",
    "lab.runs.shown": "Mostrada",
    "lab.runs.beside": "Ao lado",
    "lab.runs.none": "Nenhuma",
    "lab.run.name": "Medição {number}, {when}",
    "lab.run.file": "Arquivo, {when}",
    "lab.repeat": "Repetir",
    "lab.export.json": "Salvar como JSON",
    "lab.export.csv": "Salvar como CSV",
    "lab.import": "Abrir uma medição",
    "lab.import.bad": "Este arquivo não é uma medição desta página, ou é de outra versão.",
    "lab.imported": "Aberta. Foi medida por: {browser}",
    "lab.print": "Imprimir",
    "lab.beside": "Duas medições lado a lado",
    "lab.beside.first": "mostrada",
    "lab.beside.second": "ao lado",

    "lab.advice.title": "O que concluir",
    "lab.advice.one":
        "Use {way}: metade dos eventos estava aqui em até {p50} e 95% em até {p95}, por {count} requisição e {bytes}.",
    "lab.advice.other":
        "Use {way}: metade dos eventos estava aqui em até {p50} e 95% em até {p95}, por {count} requisições e {bytes}.",
    "lab.advice.sse":
        "WebSocket não foi mais rápido em nada que uma pessoa percebesse, e isto é HTTP comum: proxies, logs e curl o entendem. Use WebSocket se também quiser enviar comandos pela mesma conexão.",
    "lab.advice.sse-alone":
        "É HTTP comum, que proxies, logs e curl entendem, e nada aqui o segura.",
    "lab.advice.websocket":
        "Server-Sent Events chegaram mais tarde aqui: algo no caminho os segura, ou corta. Um WebSocket passa.",
    "lab.advice.websocket-alone":
        "Nada aqui o segura. Acrescente Server-Sent Events à comparação: costumam ser tão rápidos quanto, e são HTTP comum.",
    "lab.advice.held-back":
        "Conexões duradouras foram lentas ou cortadas neste caminho. Esta maneira não precisa de nenhuma que dure.",
    "lab.advice.polled":
        "Das maneiras comparadas, foi a mais rápida que contou tudo. Acrescente Server-Sent Events à comparação: se passarem, são mais rápidos e custam menos.",
    "lab.advice.polling":
        "O polling a cada cinco segundos só contou metade dos mesmos eventos após {p50}, e o último após {max}; ele pergunta {count} vezes por minuto, haja ou não o que contar.",
    "lab.advice.polling.computed":
        "O polling a cada cinco segundos só teria contado metade dos mesmos eventos após {p50}, e o último após {max}; perguntaria {count} vezes por minuto, houvesse ou não o que contar.",
    "lab.crowd.title": "E com muitos leitores?",
    "lab.crowd.readers": "Leitores ao mesmo tempo",
    "lab.crowd.requests": "Requisições, como nesta medição",
    "lab.crowd.traffic": "Dados, como nesta medição",
    "lab.crowd.work": "Processador, no trabalho",
    "lab.crowd.rest": "Processador, em repouso",
    "lab.crowd.a-second": "{n} por segundo",
    "lab.crowd.once": "uma cada, ao começar",
    "lab.crowd.cores": "{n} núcleos",
    "lab.crowd.note":
        "Requisições e dados são os desta medição, vezes os leitores. A parte do processador não é medida aqui: é o que scripts/bench transports encontrou em {when} em uma máquina virtual com dois núcleos, com dez eventos por segundo (no trabalho) e sem nenhum (em repouso).",
    "lab.article.title": "A tabela de sempre, com os números desta medição",
    "lab.article.aspect": "Aspecto",
    "lab.article.polling": "Polling",
    "lab.article.sse": "Server-Sent Events",
    "lab.article.websocket": "WebSocket",
    "lab.article.connection": "Conexão",
    "lab.article.connection.polling": "Requisições, uma após a outra.",
    "lab.article.connection.sse": "Uma resposta que dura; uma das seis conexões do HTTP/1.1.",
    "lab.article.connection.websocket": "Uma conexão que dura, ao lado dessas seis.",
    "lab.article.direction": "Direção",
    "lab.article.direction.polling": "A pergunta sobe, a novidade desce.",
    "lab.article.direction.sse": "Para baixo. Comandos vão como requisições próprias.",
    "lab.article.direction.websocket": "As duas, pela mesma conexão.",
    "lab.article.complexity": "Complexidade",
    "lab.article.lines":
        "{page} linhas nesta página, {server} neste servidor, além do que todos dividem.",
    "lab.article.browsers": "Navegadores",
    "lab.article.browsers.polling": "Todos.",
    "lab.article.browsers.sse": "Todos os atuais, desde 2020.",
    "lab.article.browsers.websocket": "Todos os atuais.",
    "lab.article.latency": "Latência",
    "lab.article.delays": "Metade em até {p50}, 99% em até {p99}.",
    "lab.article.absent": "Não está nesta medição.",
    "lab.article.resources": "Recursos",
    "lab.article.cost.one":
        "{count} requisição; {heads} de cabeçalhos para {payload} de novidades.",
    "lab.article.cost.other":
        "{count} requisições; {heads} de cabeçalhos para {payload} de novidades.",
    "lab.article.reconnecting": "Reconexão",
    "lab.article.reconnecting.polling": "A próxima pergunta é a reconexão.",
    "lab.article.reconnecting.sse":
        "Pelo próprio navegador, até que um proxy responda 502: aí ele desiste de vez.",
    "lab.article.reconnecting.websocket": "Por lógica própria.",
    "lab.article.ideal": "Ideal para",
    "lab.article.ideal.polling": "Novidades raras, e um orçamento fixo de requisições.",
    "lab.article.ideal.sse": "Novidades do servidor: progresso, avisos, feeds.",
    "lab.article.ideal.websocket":
        "Comandos e novidades por uma conexão: jogos, chats, edição em conjunto.",
    "lab.article.format": "Formato",
    "lab.article.format.polling": "Qualquer um; aqui JSON.",
    "lab.article.format.sse": "Texto; aqui JSON.",
    "lab.article.format.websocket": "Texto ou binário; aqui JSON.",

    "lab.route.title": "O que há no caminho",
    "lab.route.text":
        "Pergunta como aquilo que está entre este navegador e o servidor trata fluxos, sockets, conteúdos grandes e silêncio. Envia até 130 MB de nada e os exclui, e leva uns dois minutos e meio, a maior parte em silêncio; você pode parar, e o que foi encontrado até então fica.",
    "lab.route.start": "Examinar o caminho",
    "lab.route.stop": "Já basta",
    "lab.route.step.protocol": "Olhando os cabeçalhos…",
    "lab.route.step.sse": "Tentando Server-Sent Events…",
    "lab.route.step.websocket": "Tentando um WebSocket…",
    "lab.route.step.body": "Enviando conteúdos cada vez maiores…",
    "lab.route.step.silence": "Em silêncio há {seconds} de {longest} segundos…",
    "lab.route.verdict.all": "Tudo passa: qualquer maneira serve aqui.",
    "lab.route.verdict.sse": "Use Server-Sent Events aqui: um WebSocket não passa.",
    "lab.route.verdict.websocket":
        "Use um WebSocket aqui: Server-Sent Events não passam como deveriam.",
    "lab.route.verdict.polling":
        "Use long polling ou polling adaptativo aqui: nada que dure passa como deveria.",
    "lab.route.verdict.foreign":
        "Fotos não podem ser enviadas por aqui, acompanhe-as como quiser: algo não repassa o endereço desta página.",
    "lab.route.foreign":
        "O servidor toma esta página por estranha e não a deixa mudar nada, então fluxos e conteúdos não puderam ser tentados. Faça o proxy repassar o campo Host (nginx: proxy_set_header Host $http_host), ou diga ao servidor o seu endereço com --public-url.",
    "lab.route.protocol.http1":
        "HTTP/1.1: todas as abas juntas têm seis conexões com este servidor.",
    "lab.route.protocol.newer":
        "{protocol}: as requisições dividem uma conexão, e seis abas não são limite.",
    "lab.route.sse.passes": "Server-Sent Events chegam sem retenção: a novidade veio após {time}.",
    "lab.route.sse.late": "Server-Sent Events abrem, e a novidade fica retida: algo os acumula.",
    "lab.route.sse.refused": "Server-Sent Events são recusados.",
    "lab.route.sse.mute":
        "Server-Sent Events abrem e ficam mudos: algo acumula a resposta inteira.",
    "lab.route.websocket.passes": "Um WebSocket abre: a novidade veio após {time}.",
    "lab.route.websocket.late": "Um WebSocket abre, e a novidade fica retida.",
    "lab.route.websocket.refused": "Um WebSocket é recusado: o upgrade não passa.",
    "lab.route.websocket.mute": "Um WebSocket abre e fica mudo.",
    "lab.route.body.open": "Conteúdos de {passed} passam; maiores não foram tentados.",
    "lab.route.body.limit": "Conteúdos de {passed} passam; um de {next} não passou: {answer}.",
    "lab.route.body.none": "Nem um conteúdo de 1 MB passa: {answer}.",
    "lab.route.body.silent": "sem resposta",
    "lab.route.silence.whole": "Uma conexão em que nada é dito vive ao menos dois minutos.",
    "lab.route.silence.stopped":
        "Uma conexão em que nada é dito viveu {lasted}; então a espera foi parada.",
    "lab.route.silence.cut": "Uma conexão em que nada é dito é cortada após {lasted}.",
    "lab.route.silence.outlived":
        "Uma conexão em que nada é dito é cortada após {lasted}. Fluxos sobrevivem a isso: este servidor diz algo a cada {heartbeat}.",
    "lab.route.silence.short":
        "Uma conexão em que nada é dito é cortada após {lasted}, e este servidor só diz algo a cada {heartbeat}: fluxos são cortados sem parar. Faça-o falar mais vezes (--heartbeat-seconds).",
    "lab.route.silence.skipped": "O silêncio não foi tentado.",
    "lab.route.compressed":
        "Algo comprime as respostas: fluxos podem ficar retidos até que um bloco se encha.",
    "lab.route.uncompressed": "Nada comprime as respostas.",
    "lab.route.report": "O mesmo como texto",
    "lab.route.copy": "Copiar",
    "lab.route.copied": "Copiado",
    "lab.route.by-hand": "Tecle Ctrl+C",
};
