// @ts-check
/** As palavras só da página de comparação, em português do Brasil. */

export default {
    "lab.title": "Comparar",
    "lab.lede":
        "Um lote de fotos, acompanhado por vários transportes ao mesmo tempo, de onde você está. Veja quando cada um fica sabendo do que aconteceu e quanto isso custa.",
    "lab.ways": "Transportes a comparar",
    "lab.way.polling5": "Polling a cada 5 s",
    "lab.way.polling5.text": "Consulta a cada cinco segundos, como na maioria dos tutoriais.",
    "lab.way.sse": "Server-Sent Events",
    "lab.way.sse.text": "Uma resposta que fica aberta.",
    "lab.way.websocket": "WebSocket",
    "lab.way.websocket.text": "Uma conexão, nos dois sentidos.",
    "lab.way.polling1": "Polling a cada segundo",
    "lab.way.polling1.text": "Consulta cinco vezes mais.",
    "lab.way.adaptive": "Polling adaptativo",
    "lab.way.adaptive.text": "Consulta com frequência enquanto algo se move.",
    "lab.way.long": "Long polling",
    "lab.way.long.text": "A resposta espera por uma atualização.",
    "lab.faults": "Falhas de propósito",
    "lab.faults.text":
        "Este servidor provoca falhas de propósito, só nas conexões desta medição: uma depois da outra, cada uma quando todos os transportes já se recuperaram da anterior. As fotos continuam sendo enviadas enquanto isso.",
    "lab.faults.seconds": "Segundos para cada uma",
    "lab.fault.delay": "Atraso e jitter",
    "lab.fault.delay.text": "Cada byte chega de 200 a 600 ms mais tarde.",
    "lab.fault.cut": "Corte a cada segundo",
    "lab.fault.cut.text": "Nenhuma conexão dura mais que isso.",
    "lab.fault.hold": "Proxy que retém",
    "lab.fault.hold.text": "As respostas ficam retidas até estarem completas.",
    "lab.fault.bad-gateway": "502 Bad Gateway",
    "lab.fault.bad-gateway.text": "Um proxy perdeu seu servidor.",
    "lab.fault.half-open": "Conexão meio aberta",
    "lab.fault.half-open.text": "Nada mais chega, e nada se fecha.",
    "lab.fault.slow": "Leitor lento",
    "lab.fault.slow.text": "Passam 1.000 bytes por segundo.",
    "lab.fault.outage": "Queda",
    "lab.fault.outage.text": "Tudo é fechado e recusado.",
    "lab.start": "Começar com fotos de exemplo",
    "lab.start.photos": "Começar com suas fotos",
    "lab.stop": "Parar",
    "lab.about":
        "O exemplo são doze imagens pequenas, desenhadas aqui e enviadas uma após a outra; leva uns quinze segundos. Cada transporte tem conexão e cursor próprios e não compartilha nada. O lote é excluído no fim.",
    "lab.none": "Escolha ao menos um transporte.",

    "lab.state.opening": "Comparando os dois relógios, abrindo as conexões…",
    "lab.state.sending": "Enviando a foto {sent} de {total}…",
    "lab.state.fault":
        "Falha {number} de {count}: {fault}. Continua quando todos os transportes tiverem se recuperado…",
    "lab.state.waiting":
        "Todas as fotos foram enviadas; aguardando até que todos os transportes saibam de tudo…",
    "lab.state.checking": "Lendo o próprio registro, para verificar se algo faltou…",
    "lab.state.settled":
        "Concluído após {time}: {count} eventos, e todos os transportes souberam de todos.",
    "lab.state.lossy":
        "Concluído após {time}: {count} eventos, e nem todo transporte soube de todos, veja abaixo.",
    "lab.state.stopped": "Parado após {time}. O que foi medido até então está abaixo.",
    "lab.state.patience":
        "Encerrado após {time}: algum transporte ainda não sabia de tudo, muito depois de acontecer.",
    "lab.state.refused":
        "Parada depois de {time}: o servidor não provocou a falha, talvez porque agora esteja rodando sem --lab. O que foi medido até então está abaixo.",
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
        "{events}\u00a0eventos · {lost}\u00a0perdidos · {repeated}\u00a0repetidos · {reconnects}\u00a0reconexões",
    "lab.strip.label": "{way}: {events} eventos, metade deles em até {p50}, 99% em até {p99}.",
    "lab.mark.hidden": "aba oculta",
    "lab.mark.offline": "sem rede",

    "lab.recovery": "Recuperação depois de cada falha",
    "lab.recovery.text":
        "Do fim da falha até o momento em que a página já sabia de algo mais novo e de tudo o que veio antes. Nenhum transporte pode se recuperar antes do próximo evento. As faixas hachuradas acima são as falhas, com os seus números.",
    "lab.recovery.fault": "Falha",
    "lab.recovery.lasted": "Duração",
    "lab.recovery.next": "Próximo evento após",
    "lab.recovery.never": "não nesta medição",

    "lab.delays": "Atrasos, do melhor ao pior",
    "lab.delays.text":
        "Para cada atraso, a parte dos eventos que não demorou mais. O eixo abaixo é logarítmico: cada passo à direita é dez vezes mais tarde. Uma linha íngreme à esquerda é um transporte em que se pode confiar.",
    "lab.delays.label":
        "Distribuição dos atrasos de cada transporte. A tabela abaixo tem os mesmos números.",
    "lab.uncertain": "não se distingue",
    "lab.requests": "Requisições acumuladas",
    "lab.requests.text":
        "Um fluxo é uma requisição que fica aberta; cada consulta do polling é uma requisição.",
    "lab.requests.label":
        "Requisições de cada transporte, somadas no tempo. A tabela abaixo tem os mesmos números.",
    "lab.bytes": "Bytes acumulados",
    "lab.bytes.label":
        "Bytes de cada transporte, somados no tempo. A tabela abaixo tem os mesmos números.",
    "lab.bytes.part": "Quais bytes",
    "lab.bytes.all": "Todos",
    "lab.bytes.head-up": "Cabeçalhos enviados",
    "lab.bytes.payload-up": "Conteúdo enviado",
    "lab.bytes.head-down": "Cabeçalhos recebidos",
    "lab.bytes.payload-down": "Conteúdo recebido",

    "lab.table": "Todos os números desta medição",
    "lab.table.way": "Transporte",
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
        "O relógio do servidor está {offset} adiantado em relação ao deste navegador, com margem de {uncertainty}, por {count} medidas. Nenhum atraso menor que isso é afirmado.",
    "lab.note.clock.behind":
        "O relógio do servidor está {offset} atrasado em relação ao deste navegador, com margem de {uncertainty}, por {count} medidas. Nenhum atraso menor que isso é afirmado.",
    "lab.note.clock.moved":
        "Um dos dois relógios se moveu durante a medição: nenhuma diferença única explica todas as respostas. Os atrasos podem errar em até {uncertainty}.",
    "lab.note.clock.none":
        "Não foi possível ler o relógio do servidor, e por isso não há como dar atrasos: o servidor não respondeu.",
    "lab.note.protocol":
        "{protocol} entre este navegador e quem lhe responde. Os cabeçalhos que o navegador acrescenta a uma requisição não são visíveis a uma página e foram calculados; todo o resto foi contado.",
    "lab.note.waited":
        "Uma requisição esperou até {time} no navegador antes de ganhar uma conexão. Com HTTP/1.1 todas as abas juntas têm seis conexões com um servidor; esta página deixa folga, então o motivo provável são outras abas que seguram conexões com ele. Feche-as e repita.",
    "lab.note.hidden":
        "Esta aba ficou oculta por {time}: navegadores desaceleram os temporizadores de abas ocultas, e com eles o polling. O tempo hachurado nada diz sobre os transportes.",
    "lab.note.offline": "O navegador ficou sem rede por {time}.",
    "lab.note.faults":
        "Falhas provocadas de propósito: {count}. Os atrasos, as requisições e os bytes desta medição incluem o que elas custaram.",
    "lab.note.unheard": "{way} ainda não sabia de {count} eventos quando a medição foi parada.",
    "lab.note.compressed":
        "Algo no caminho comprime as respostas: o conteúdo é contado depois de descompactado.",
    "lab.note.unchecked":
        "“Perdidos” é contado em relação ao que algum dos transportes soube, pois não foi possível ler o próprio registro no fim.",

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

    "lab.advice.title": "Conclusão",
    "lab.advice.one":
        "Use {way}: metade dos eventos estava aqui em até {p50} e 95% em até {p95}, por {count} requisição e {bytes}.",
    "lab.advice.other":
        "Use {way}: metade dos eventos estava aqui em até {p50} e 95% em até {p95}, por {count} requisições e {bytes}.",
    "lab.advice.faults": "Uma medição com falhas de propósito não recomenda nenhum transporte.",
    "lab.advice.faults.text":
        "O que ela mostra é em quanto tempo cada um se recuperou, na tabela acima. Repita sem falhas para ter uma recomendação.",
    "lab.advice.sse":
        "O WebSocket não foi mais rápido de forma que alguém percebesse, e isto é HTTP comum: proxies, logs e curl o entendem. Use WebSocket se também quiser enviar comandos pela mesma conexão.",
    "lab.advice.sse-alone": "É HTTP comum, que proxies, logs e curl entendem, e nada aqui o retém.",
    "lab.advice.websocket":
        "Os Server-Sent Events chegaram mais tarde aqui: algo no caminho os retém ou corta. Um WebSocket passa.",
    "lab.advice.websocket-alone":
        "Nada aqui o retém. Acrescente Server-Sent Events à comparação: costumam ser tão rápidos quanto, e são HTTP comum.",
    "lab.advice.held-back":
        "Conexões duradouras foram lentas ou cortadas neste caminho. Este transporte não precisa de nenhuma.",
    "lab.advice.polled":
        "Dos transportes comparados, foi o mais rápido que entregou tudo. Acrescente Server-Sent Events à comparação: se passarem, são mais rápidos e custam menos.",
    "lab.advice.polling":
        "O polling a cada cinco segundos só entregou metade dos mesmos eventos após {p50}, e o último após {max}; ele consulta {count} vezes por minuto, haja ou não novidade.",
    "lab.advice.polling.computed":
        "O polling a cada cinco segundos só teria entregado metade dos mesmos eventos após {p50}, e o último após {max}; consultaria {count} vezes por minuto, houvesse ou não novidade.",
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
    "lab.article.connection.sse":
        "Uma resposta que fica aberta; uma das seis conexões do HTTP/1.1.",
    "lab.article.connection.websocket": "Uma conexão que fica aberta, além dessas seis.",
    "lab.article.direction": "Direção",
    "lab.article.direction.polling": "As requisições sobem, as atualizações descem.",
    "lab.article.direction.sse": "Para baixo. Comandos vão como requisições próprias.",
    "lab.article.direction.websocket": "As duas, pela mesma conexão.",
    "lab.article.complexity": "Complexidade",
    "lab.article.lines":
        "{page} linhas nesta página, {server} neste servidor, além do que todos compartilham.",
    "lab.article.browsers": "Navegadores",
    "lab.article.browsers.polling": "Todos.",
    "lab.article.browsers.sse": "Todos os atuais, desde 2020.",
    "lab.article.browsers.websocket": "Todos os atuais.",
    "lab.article.latency": "Latência",
    "lab.article.delays": "Metade em até {p50}, 99% em até {p99}.",
    "lab.article.absent": "Não está nesta medição.",
    "lab.article.resources": "Recursos",
    "lab.article.cost.one":
        "{count} requisição; {heads} de cabeçalhos para {payload} de atualizações.",
    "lab.article.cost.other":
        "{count} requisições; {heads} de cabeçalhos para {payload} de atualizações.",
    "lab.article.reconnecting": "Reconexão",
    "lab.article.reconnecting.polling": "A próxima consulta é a reconexão.",
    "lab.article.reconnecting.sse":
        "Pelo próprio navegador, até que um proxy responda 502: aí ele desiste de vez.",
    "lab.article.reconnecting.websocket": "Por lógica própria.",
    "lab.article.ideal": "Ideal para",
    "lab.article.ideal.polling": "Atualizações raras e um orçamento fixo de requisições.",
    "lab.article.ideal.sse": "Atualizações do servidor: progresso, notificações, feeds.",
    "lab.article.ideal.websocket":
        "Comandos e atualizações por uma conexão: jogos, chats, edição em conjunto.",
    "lab.article.format": "Formato",
    "lab.article.format.polling": "Qualquer um; aqui JSON.",
    "lab.article.format.sse": "Texto; aqui JSON.",
    "lab.article.format.websocket": "Texto ou binário; aqui JSON.",

    "lab.route.title": "O que há no caminho",
    "lab.route.text":
        "Testa como aquilo que está entre este navegador e o servidor trata fluxos, sockets, corpos grandes e silêncio. Envia até 130 MB de dados vazios e os exclui, e leva uns dois minutos e meio, a maior parte em silêncio; você pode parar, e o que foi descoberto até então fica.",
    "lab.route.start": "Testar a conexão",
    "lab.route.stop": "Parar",
    "lab.route.step.protocol": "Verificando os cabeçalhos…",
    "lab.route.step.sse": "Testando Server-Sent Events…",
    "lab.route.step.websocket": "Testando um WebSocket…",
    "lab.route.step.body": "Enviando corpos cada vez maiores…",
    "lab.route.step.silence": "Aguardando em silêncio: {seconds} de {longest} segundos…",
    "lab.route.verdict.all": "Tudo passa: qualquer transporte funciona aqui.",
    "lab.route.verdict.sse": "Use Server-Sent Events aqui: um WebSocket não passa.",
    "lab.route.verdict.websocket":
        "Use um WebSocket aqui: Server-Sent Events não passam como deveriam.",
    "lab.route.verdict.polling":
        "Use long polling ou polling adaptativo aqui: nada que fique aberto passa como deveria.",
    "lab.route.verdict.foreign":
        "Fotos não podem ser enviadas por aqui, seja qual for o transporte: algo não repassa o endereço desta página.",
    "lab.route.foreign":
        "O servidor considera esta página estranha e não a deixa alterar nada, então fluxos e corpos não puderam ser testados. Faça o proxy repassar o campo Host (nginx: proxy_set_header Host $http_host), ou informe ao servidor o endereço dele com --public-url.",
    "lab.route.protocol.http1":
        "HTTP/1.1: todas as abas juntas têm seis conexões com este servidor.",
    "lab.route.protocol.newer":
        "{protocol}: as requisições compartilham uma conexão, e seis abas não são um limite.",
    "lab.route.sse.passes":
        "Os Server-Sent Events chegam sem retenção: a atualização veio após {time}.",
    "lab.route.sse.late":
        "Os Server-Sent Events abrem, mas as atualizações ficam retidas: algo as acumula.",
    "lab.route.sse.refused": "Os Server-Sent Events são recusados.",
    "lab.route.sse.mute":
        "Os Server-Sent Events abrem e nada chega: algo acumula a resposta inteira.",
    "lab.route.websocket.passes": "Um WebSocket abre: a atualização veio após {time}.",
    "lab.route.websocket.late": "Um WebSocket abre, mas as atualizações ficam retidas.",
    "lab.route.websocket.refused": "Um WebSocket é recusado: o upgrade não passa.",
    "lab.route.websocket.mute": "Um WebSocket abre e nada chega.",
    "lab.route.body.open": "Corpos de {passed} passam; maiores não foram testados.",
    "lab.route.body.limit": "Corpos de {passed} passam; um de {next} não passou: {answer}.",
    "lab.route.body.none": "Nem um corpo de 1 MiB passa: {answer}.",
    "lab.route.body.silent": "sem resposta",
    "lab.route.silence.whole": "Uma conexão sem tráfego dura ao menos dois minutos.",
    "lab.route.silence.stopped":
        "Uma conexão sem tráfego durou {lasted}; então o teste foi interrompido.",
    "lab.route.silence.cut": "Uma conexão sem tráfego é cortada após {lasted}.",
    "lab.route.silence.outlived":
        "Uma conexão sem tráfego é cortada após {lasted}. Os fluxos sobrevivem a isso: este servidor envia algo a cada {heartbeat}.",
    "lab.route.silence.short":
        "Uma conexão sem tráfego é cortada após {lasted}, e este servidor só envia algo a cada {heartbeat}: os fluxos são cortados sem parar. Faça-o enviar mais vezes (--heartbeat-seconds).",
    "lab.route.silence.skipped": "O silêncio não foi testado.",
    "lab.route.compressed":
        "Algo comprime as respostas: os fluxos podem ficar retidos até que um bloco se encha.",
    "lab.route.uncompressed": "Nada comprime as respostas.",
    "lab.route.report": "Em texto",
    "lab.route.copy": "Copiar",
    "lab.route.copied": "Copiado",
    "lab.route.by-hand": "Tecle Ctrl+C",
};
